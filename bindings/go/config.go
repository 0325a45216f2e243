package onecors

// Config is a policy document written in Go: either a single rule, which governs every path, or Rules,
// each with its Paths. The engine validates it like a document from a file and reports problems as a
// [PolicyError].
//
// The zero value of a field is an absent key, which gets the engine's default.
type Config struct {
	// Name is the rule's name, unique in the document. In Rules only.
	Name string
	// Paths are the path patterns that the rule governs: literal segments, "{name}" for one
	// segment, and a last "/*" for everything below. In Rules only, and required there.
	Paths []string

	// AllowOrigins are the origin patterns of the pages that may read the responses, such as
	// "https://app.example.com", "https://*.example.com", "http://localhost:*" or "*".
	AllowOrigins []string
	// AllowOriginRegexes are further origin patterns: regular expressions in the syntax of Rust's
	// regex crate, matched against the whole origin in linear time. In problems, their pointers follow
	// those of AllowOrigins: the document has one list.
	AllowOriginRegexes []string
	// AllowCredentials is whether a page may send cookies and read the response.
	AllowCredentials bool
	// AllowMethods are the allowed methods besides GET, HEAD and POST, which the protocol always
	// allows. They are case-sensitive; "*" is any method.
	AllowMethods []string
	// AllowHeaders are the request header names that a preflight may request; "*" is any name except
	// authorization, which must be listed.
	AllowHeaders []string
	// ExposeHeaders are the response header names that a page may read; "*" is any name, without
	// credentials only.
	ExposeHeaders []string
	// MaxAge is how long a browser may cache a preflight response, in seconds from 0 to 86400; see
	// [Seconds]. The default is 7200.
	MaxAge *int
	// PreflightStatus is the status of an allowed preflight, 200 to 299. The default is 204.
	PreflightStatus int
	// DangerouslyAllow names the safety checks to turn off: "insecure_origins",
	// "public_suffix_wildcards", "null_origin", "unbounded_regex".
	DangerouslyAllow []string

	// Rules are several rules. The rule with the most specific matching path governs a request. If
	// Rules is set, no other field may be set.
	Rules []Config
}

// Seconds returns n as a value for [Config.MaxAge], which is a pointer because 0 seconds is not the
// default: it turns the browser's preflight cache off.
func Seconds(n int) *int { return &n }

// document is the policy document, with the keys that it has in JSON.
type document struct {
	Name             string     `json:"name,omitzero"`
	Paths            []string   `json:"paths,omitzero"`
	AllowOrigins     []any      `json:"allow_origins,omitzero"`
	AllowCredentials bool       `json:"allow_credentials,omitzero"`
	AllowMethods     []string   `json:"allow_methods,omitzero"`
	AllowHeaders     []string   `json:"allow_headers,omitzero"`
	ExposeHeaders    []string   `json:"expose_headers,omitzero"`
	MaxAge           *int       `json:"max_age,omitzero"`
	PreflightStatus  int        `json:"preflight_status,omitzero"`
	DangerouslyAllow []string   `json:"dangerously_allow,omitzero"`
	Rules            []document `json:"rules,omitzero"`
}

type regex struct {
	Regex string `json:"regex"`
}

func (c Config) document() document {
	doc := document{
		Name:             c.Name,
		Paths:            c.Paths,
		AllowOrigins:     c.originPatterns(),
		AllowCredentials: c.AllowCredentials,
		AllowMethods:     c.AllowMethods,
		AllowHeaders:     c.AllowHeaders,
		ExposeHeaders:    c.ExposeHeaders,
		MaxAge:           c.MaxAge,
		PreflightStatus:  c.PreflightStatus,
		DangerouslyAllow: c.DangerouslyAllow,
	}
	if c.Rules != nil {
		doc.Rules = make([]document, len(c.Rules))
		for i, rule := range c.Rules {
			doc.Rules[i] = rule.document()
		}
	}
	return doc
}

func (c Config) originPatterns() []any {
	if c.AllowOrigins == nil && c.AllowOriginRegexes == nil {
		return nil
	}
	patterns := make([]any, 0, len(c.AllowOrigins)+len(c.AllowOriginRegexes))
	for _, origin := range c.AllowOrigins {
		patterns = append(patterns, origin)
	}
	for _, expression := range c.AllowOriginRegexes {
		patterns = append(patterns, regex{expression})
	}
	return patterns
}
