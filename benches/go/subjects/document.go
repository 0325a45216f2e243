// Package subjects has the middleware that is measured: onecors, and those that do the same in Go, each
// made of the same policy document.
package subjects

import (
	"encoding/json"
	"os"
)

// Document is a policy document of benches/documents.
type Document struct {
	Text             []byte    `json:"-"`
	AllowOrigins     []Pattern `json:"allow_origins"`
	AllowCredentials bool      `json:"allow_credentials"`
	AllowMethods     []string  `json:"allow_methods"`
	AllowHeaders     []string  `json:"allow_headers"`
	ExposeHeaders    []string  `json:"expose_headers"`
	MaxAge           int       `json:"max_age"`
}

// Pattern is an origin, perhaps with a wildcard, or else a regular expression.
type Pattern struct {
	Text  string
	Regex string `json:"regex"`
}

// UnmarshalJSON reads a string, or an object with a regex.
func (p *Pattern) UnmarshalJSON(source []byte) error {
	if source[0] == '"' {
		return json.Unmarshal(source, &p.Text)
	}
	type object Pattern
	return json.Unmarshal(source, (*object)(p))
}

// Read reads a document.
func Read(path string) (*Document, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	document := &Document{Text: text}
	return document, json.Unmarshal(text, document)
}

// texts returns the origins, and false where one is a regular expression.
func (d *Document) texts() ([]string, bool) {
	texts := make([]string, len(d.AllowOrigins))
	for i, pattern := range d.AllowOrigins {
		if pattern.Regex != "" {
			return nil, false
		}
		texts[i] = pattern.Text
	}
	return texts, true
}
