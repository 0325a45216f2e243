package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// repositoryWithACommit returns a git repository whose one commit has one file.
func repositoryWithACommit(t *testing.T) string {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	for _, role := range []string{"AUTHOR", "COMMITTER"} {
		t.Setenv("GIT_"+role+"_NAME", "maintainer")
		t.Setenv("GIT_"+role+"_EMAIL", "maintainer@example.com")
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "README.md"), []byte("main\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, arguments := range [][]string{{"init", "--quiet"}, {"add", "."}, {"commit", "--quiet", "-m", "main"}} {
		mustGit(t, folder, arguments...)
	}
	return folder
}

func mustGit(t *testing.T, folder string, arguments ...string) string {
	t.Helper()
	output, err := git(folder, nil, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	return output
}

// As from a public host: the go command asks git for the repository of the module's path, which is
// replaced by a bare clone on disk.
func TestGoGetInstallsATagOfTheRepository(t *testing.T) {
	repository := repositoryWithACommit(t)
	if err := release("../..", version, "", t.TempDir(), repository); err != nil {
		t.Fatal(err)
	}
	bare := t.TempDir()
	mustGit(t, repository, "clone", "--quiet", "--bare", repository, bare)

	c := emptyConsumer(t)
	c.set("GOPROXY=direct", "GOPRIVATE=github.com/onecors", "GIT_CONFIG_COUNT=1",
		"GIT_CONFIG_KEY_0=url.file://"+filepath.ToSlash(bare)+".insteadOf",
		"GIT_CONFIG_VALUE_0=https://github.com/onecors/onecors")
	c.succeed(t, "go", "get", modulePath+"@"+version)
	if output := c.succeed(t, "go", "run", "."); output != answer {
		t.Errorf("the program prints %q", output)
	}
}

func TestATagLeavesBranchesAndWorkTreeAlone(t *testing.T) {
	repository := repositoryWithACommit(t)
	head := mustGit(t, repository, "rev-parse", "HEAD")
	tree := t.TempDir()
	if err := os.WriteFile(filepath.Join(tree, ".gitignore"), []byte("*.a\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := release("../..", version, "", tree, repository); err != nil {
		t.Fatal(err)
	}
	if now := mustGit(t, repository, "rev-parse", "HEAD"); now != head {
		t.Errorf("HEAD moved from %s to %s", head, now)
	}
	if status := mustGit(t, repository, "status", "--porcelain"); status != "" {
		t.Errorf("the work tree or the index changed: %s", status)
	}
	tag := "bindings/go/" + version
	if parent := mustGit(t, repository, "rev-parse", tag+"^{commit}^"); parent != head {
		t.Errorf("the tagged commit is on top of %s, and not of %s", parent, head)
	}
	names := strings.Fields(mustGit(t, repository, "ls-tree", "-r", "--name-only", tag))
	for _, name := range names {
		if name != ".gitignore" && !strings.HasPrefix(name, "bindings/go/") {
			t.Errorf("the tag has %s, which is not of the module", name)
		}
	}
	if !strings.Contains(strings.Join(names, "\n"), "bindings/go/internal/lib/linux_amd64/libonecors.a") {
		t.Errorf("the tag has no library, but %v", names)
	}
}

func TestATagNeedsATree(t *testing.T) {
	if err := release("../..", version, "", "", t.TempDir()); err == nil || !strings.Contains(err.Error(), "-tree") {
		t.Errorf("the error is %v", err)
	}
}
