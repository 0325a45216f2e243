package main

import (
	"archive/zip"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	modulePath = "github.com/onecors/onecors/bindings/go"
	version    = "v0.0.1-test"
	program    = `package main

import (
	"fmt"

	onecors "github.com/onecors/onecors/bindings/go"
)

func main() {
	policy, err := onecors.New(onecors.Config{AllowOrigins: []string{"https://app.example.com"}})
	if err != nil {
		panic(err)
	}
	fmt.Println(policy.Decide(onecors.Request{Method: "GET", Origin: []string{"https://evil.example"}}))
}
`
	answer = "actual_denied: origin_not_allowed\n"
)

// consumer is a separate module that requires onecors.
type consumer struct {
	folder      string
	environment []string
}

// newConsumer installs the module as it was just built, with the go command, from a file tree.
func newConsumer(t *testing.T) *consumer {
	t.Helper()
	proxy := t.TempDir()
	if err := writeProxy("../..", version, proxy); err != nil {
		t.Fatal(err)
	}
	c := emptyConsumer(t)
	c.set("GOPROXY=file://" + filepath.ToSlash(proxy))
	c.succeed(t, "go", "get", modulePath+"@"+version)
	return c
}

// emptyConsumer returns a program that does not require the module yet, with a module cache of its own.
func emptyConsumer(t *testing.T) *consumer {
	t.Helper()
	c := &consumer{folder: t.TempDir()}
	c.set("GOMODCACHE="+t.TempDir(), "GOSUMDB=off", "GOFLAGS=-modcacherw", "CGO_ENABLED=1")
	c.create(t, "go.mod", "module example.com/consumer\n\ngo 1.24.0\n")
	c.create(t, "main.go", program)
	return c
}

func (c *consumer) set(variables ...string) {
	c.environment = append(c.environment, variables...)
}

func (c *consumer) create(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.folder, name), []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func (c *consumer) run(command ...string) (string, error) {
	process := exec.Command(command[0], command[1:]...)
	process.Dir = c.folder
	process.Env = append(os.Environ(), c.environment...)
	output, err := process.CombinedOutput()
	return string(output), err
}

func (c *consumer) succeed(t *testing.T, command ...string) string {
	t.Helper()
	output, err := c.run(command...)
	if err != nil {
		t.Fatalf("%v: %v\n%s", command, err, output)
	}
	return output
}

func (c *consumer) failWith(t *testing.T, message string, command ...string) {
	t.Helper()
	output, err := c.run(command...)
	if err == nil || !strings.Contains(output, message) {
		t.Errorf("%v: %v, and does not say %q:\n%s", command, err, message, output)
	}
}

func TestAConsumerBuildsAndRuns(t *testing.T) {
	c := newConsumer(t)
	c.succeed(t, "go", "build", "-o", "program", ".")
	if output := c.succeed(t, "./program"); output != answer {
		t.Errorf("the program prints %q", output)
	}
	program, err := elf.Open(filepath.Join(c.folder, "program"))
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	libraries, err := program.ImportedLibraries()
	if err != nil || slices.Contains(libraries, "libgcc_s.so.1") {
		t.Errorf("the program needs more than glibc: %q, %v", libraries, err)
	}
}

func TestAVendoredCopyIsWhole(t *testing.T) {
	c := newConsumer(t)
	c.succeed(t, "go", "mod", "vendor")
	c.set("GOPROXY=off", "GOMODCACHE="+t.TempDir())
	if output := c.succeed(t, "go", "run", "-mod=vendor", "."); output != answer {
		t.Errorf("the program prints %q", output)
	}

	folder := filepath.Join(c.folder, "vendor", filepath.FromSlash(modulePath), "internal/lib/linux_amd64")
	if err := os.Remove(filepath.Join(folder, "libonecors.a")); err != nil {
		t.Fatal(err)
	}
	// The go command sees a change of a Go file only.
	if err := os.WriteFile(filepath.Join(folder, "changed.go"), []byte("package linux_amd64\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	c.failWith(t, "libonecors.a is missing", "go", "build", "-mod=vendor", ".")
}

func TestABuildThatCannotBeSaysWhy(t *testing.T) {
	for _, test := range []struct{ platform, cgo, message string }{
		{"linux/amd64", "0", "onecors needs cgo: set CGO_ENABLED=1 and install a C compiler"},
		{"linux/arm64", "1", "onecors has a library for linux/amd64 only"},
		{"windows/amd64", "0", "onecors has a library for linux/amd64 only"},
	} {
		system, architecture, _ := strings.Cut(test.platform, "/")
		module := consumer{folder: "../.."}
		module.set("GOOS="+system, "GOARCH="+architecture, "CGO_ENABLED="+test.cgo)
		const unsupported = "internal/lib/unsupported"
		if imports := module.succeed(t, "go", "list", "-f", "{{.Imports}}", "."); !strings.Contains(imports, unsupported) {
			t.Errorf("on %s with CGO_ENABLED=%s the package imports %s", test.platform, test.cgo, imports)
		}
		module.failWith(t, test.message, "go", "build", "./"+unsupported)
	}
}

func TestNothingButWhatUsersNeedIsPublished(t *testing.T) {
	proxy := t.TempDir()
	if err := writeProxy("../..", version, proxy); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.OpenReader(filepath.Join(proxy, filepath.FromSlash(modulePath), "@v", version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var names []string
	for _, entry := range archive.File {
		names = append(names, strings.TrimPrefix(entry.Name, modulePath+"@"+version+"/"))
	}
	for _, needed := range []string{
		"go.mod", "LICENSE", "README.md", "example_test.go", "onecors.h", "internal/lib/linux_amd64/libonecors.a",
	} {
		if !slices.Contains(names, needed) {
			t.Errorf("the module has no %s", needed)
		}
	}
	for _, name := range names {
		if strings.HasPrefix(name, "tools/") || strings.Contains(name, "panic_probe") || name == "policy_test.go" {
			t.Errorf("the module has %s", name)
		}
	}
}
