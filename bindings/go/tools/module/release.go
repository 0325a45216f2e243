package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// folderInRepository is where the module is in the repository, as its path says: the go command looks for
// the tag "bindings/go/v1.2.3" (https://go.dev/ref/mod#vcs-version).
const folderInRepository = "bindings/go"

// writeTree writes the files of the tagged commit: the module, with the C library in it.
func writeTree(source, tree string) error {
	files, err := moduleFiles(source)
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := copyFile(file.Open, filepath.Join(tree, folderInRepository, filepath.FromSlash(file.Path()))); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(open func() (io.ReadCloser, error), target string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
		return err
	}
	from, err := open()
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.Create(target)
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		to.Close()
		return err
	}
	return to.Close()
}

// tagRelease commits the tree on top of the repository's HEAD, and tags that commit. No branch moves, and the
// repository's work tree and index stay as they are, so the branches never hold a library.
func tagRelease(repository, tree, version string) (tag string, err error) {
	folder, err := git(repository, nil, "rev-parse", "--absolute-git-dir")
	if err != nil {
		return "", err
	}
	tree, err = filepath.Abs(tree)
	if err != nil {
		return "", err
	}
	temporary, err := os.MkdirTemp("", "onecors-release-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(temporary)
	index := []string{"GIT_DIR=" + folder, "GIT_INDEX_FILE=" + filepath.Join(temporary, "index"), "GIT_WORK_TREE=" + tree}

	// With --force, because .gitignore files of the user may exclude libraries.
	if _, err := git(tree, index, "add", "--all", "--force", "."); err != nil {
		return "", err
	}
	object, err := git(tree, index, "write-tree")
	if err != nil {
		return "", err
	}
	commit, err := git(tree, index, "commit-tree", object, "-p", "HEAD", "-m", "go: release "+version)
	if err != nil {
		return "", err
	}
	tag = folderInRepository + "/" + version
	_, err = git(tree, index, "tag", "--annotate", "--message", tag, tag, commit)
	return tag, err
}

// git runs git in a folder, and returns what it prints.
func git(folder string, environment []string, arguments ...string) (string, error) {
	command := exec.Command("git", arguments...)
	command.Dir = folder
	command.Env = append(os.Environ(), environment...)
	var output, failure bytes.Buffer
	command.Stdout, command.Stderr = &output, &failure
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("git %s: %w: %s", arguments[0], err, failure.String())
	}
	return strings.TrimSpace(output.String()), nil
}
