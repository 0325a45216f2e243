// Command module releases the Go module of onecors, with the C library in it.
//
// It writes the module as a file tree that GOPROXY can point at
// (https://go.dev/ref/mod#goproxy-protocol), as the tree of a commit, or both, and can tag that commit.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

func main() {
	log.SetFlags(0)
	source := flag.String("source", ".", "the folder of the module, built")
	version := flag.String("version", "", "the version, such as v1.2.3")
	proxy := flag.String("proxy", "", "the folder to write for GOPROXY")
	tree := flag.String("tree", "", "the folder to write the tree of the tagged commit to")
	repository := flag.String("tag", "", "the repository in which to commit the tree and tag it")
	flag.Parse()
	if err := release(*source, *version, *proxy, *tree, *repository); err != nil {
		log.Fatal(err)
	}
}

func release(source, version, proxy, tree, repository string) error {
	if proxy != "" {
		if err := writeProxy(source, version, proxy); err != nil {
			return err
		}
	}
	if tree != "" {
		if err := writeTree(source, tree); err != nil {
			return err
		}
	}
	if repository == "" {
		return nil
	}
	if tree == "" {
		return errors.New("-tag needs -tree: the tree is what is tagged")
	}
	tag, err := tagRelease(repository, tree, version)
	if err != nil {
		return err
	}
	fmt.Printf("made the tag %s; publish it with: git push origin %s\n", tag, tag)
	return nil
}

func writeProxy(source, version, output string) error {
	goMod, err := os.ReadFile(filepath.Join(source, "go.mod"))
	if err != nil {
		return err
	}
	path := modfile.ModulePath(goMod)
	escaped, err := module.EscapePath(path)
	if err != nil {
		return err
	}
	files, err := moduleFiles(source)
	if err != nil {
		return err
	}
	folder := filepath.Join(output, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	for name, content := range map[string]string{
		"list":            version + "\n",
		version + ".info": fmt.Sprintf("{\"Version\":%q}\n", version),
		version + ".mod":  string(goMod),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o666); err != nil {
			return err
		}
	}
	archive, err := os.Create(filepath.Join(folder, version+".zip"))
	if err != nil {
		return err
	}
	if err := zip.Create(archive, module.Version{Path: path, Version: version}, files); err != nil {
		return err
	}
	return archive.Close()
}

// moduleFiles lists the files that users of the module need. Tests are left out, because they need the
// rest of the repository.
func moduleFiles(source string) (files []zip.File, err error) {
	err = filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != source {
				return filepath.SkipDir
			}
			return nil
		}
		if published(entry.Name()) {
			relative, err := filepath.Rel(source, path)
			if err != nil {
				return err
			}
			files = append(files, file{filepath.ToSlash(relative), path})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, needed := range []string{"onecors.h", "libonecors.a"} {
		if !slices.ContainsFunc(files, func(f zip.File) bool { return filepath.Base(f.Path()) == needed }) {
			return nil, fmt.Errorf("%s has no %s: run `make build` there first", source, needed)
		}
	}
	return files, nil
}

func published(name string) bool {
	switch filepath.Ext(name) {
	case ".go":
		test := strings.HasSuffix(name, "_test.go") && name != "example_test.go"
		return !test && name != "panic_probe.go"
	case ".a", ".md", ".mod":
		return true
	default:
		return name == "onecors.h" || name == "LICENSE" || name == "THIRD-PARTY-NOTICES"
	}
}

// file is a file of the module: its path in the module, and its location on disk.
type file struct{ path, location string }

func (f file) Path() string                 { return f.path }
func (f file) Lstat() (os.FileInfo, error)  { return os.Lstat(f.location) }
func (f file) Open() (io.ReadCloser, error) { return os.Open(f.location) }
