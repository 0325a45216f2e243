//! The safety checks that a document can lift.

/// A safety check that `dangerously_allow` can lift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename_all = "snake_case"))]
#[repr(u8)]
pub(crate) enum OptOut {
    /// Lets origins without transport security use credentials.
    InsecureOrigins,
    /// Lets a wildcard with credentials take in domains that anyone can register.
    PublicSuffixWildcards,
    /// Lets `null` be listed.
    NullOrigin,
    /// Lets a regex end in something else than a literal registrable domain.
    UnboundedRegex,
}

impl OptOut {
    pub(crate) const ALL: [(Self, &str); 4] = [
        (Self::InsecureOrigins, "insecure_origins"),
        (Self::PublicSuffixWildcards, "public_suffix_wildcards"),
        (Self::NullOrigin, "null_origin"),
        (Self::UnboundedRegex, "unbounded_regex"),
    ];

    /// The name in the document.
    pub(crate) fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    /// The opt-out of this name, if there is one.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|&(opt_out, _)| opt_out)
    }
}
