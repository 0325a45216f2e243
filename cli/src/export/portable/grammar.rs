//! The grammar of origins as an automaton of a few states.
//!
//! It is a little wider than the engine's own (`origin.rs`): it knows no lengths, and takes ports
//! and labels by their bytes alone. What it takes beyond that, no browser sends, or no DNS has.

/// What has been read of an origin. The order is that in which states are eliminated: [`Self::Dot`]
/// before [`Self::Label`], so that what leads through both is written as a label and what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum State {
    SchemeStart,
    Scheme,
    Colon,
    Slash,
    HostStart,
    Dot,
    Label,
    Address,
    AddressEnd,
    PortStart,
    Port,
    /// Nothing may follow: an assertion of the end has been met.
    End,
}

impl State {
    pub(super) const ALL: [Self; 12] = [
        Self::SchemeStart,
        Self::Scheme,
        Self::Colon,
        Self::Slash,
        Self::HostStart,
        Self::Dot,
        Self::Label,
        Self::Address,
        Self::AddressEnd,
        Self::PortStart,
        Self::Port,
        Self::End,
    ];

    /// The state after another byte; `None` where no origin goes on so.
    pub(super) fn after(self, byte: u8) -> Option<Self> {
        let is_label_byte = onecors_core::introspect::is_label_byte(byte);
        match (self, byte) {
            (Self::SchemeStart | Self::Scheme, b'a'..=b'z')
            | (Self::Scheme, b'0'..=b'9' | b'+' | b'-' | b'.') => Some(Self::Scheme),
            (Self::Scheme, b':') => Some(Self::Colon),
            (Self::Colon, b'/') => Some(Self::Slash),
            (Self::Slash, b'/') => Some(Self::HostStart),
            (Self::HostStart, b'[') | (Self::Address, b'0'..=b'9' | b'a'..=b'f' | b':') => {
                Some(Self::Address)
            }
            (Self::Address, b']') => Some(Self::AddressEnd),
            (Self::HostStart | Self::Label | Self::Dot, _) if is_label_byte => Some(Self::Label),
            (Self::Label, b'.') => Some(Self::Dot),
            (Self::Label | Self::Dot | Self::AddressEnd, b':') => Some(Self::PortStart),
            (Self::PortStart, b'1'..=b'9') | (Self::Port, b'0'..=b'9') => Some(Self::Port),
            _ => None,
        }
    }

    /// Whether an origin may end here. A host may end in a dot.
    pub(super) fn is_end(self) -> bool {
        matches!(self, Self::Dot | Self::Label | Self::AddressEnd | Self::Port | Self::End)
    }
}

/// A set of states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct States(u16);

impl States {
    pub(super) fn contains(self, state: State) -> bool {
        self.0 & (1 << state as u16) != 0
    }

    pub(super) fn is_disjoint(self, other: Self) -> bool {
        self.0 & other.0 == 0
    }

    #[must_use]
    pub(super) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = State> {
        State::ALL.into_iter().filter(move |&state| self.contains(state))
    }
}

impl FromIterator<State> for States {
    fn from_iter<I: IntoIterator<Item = State>>(states: I) -> Self {
        Self(states.into_iter().fold(0, |bits, state| bits | 1 << state as u16))
    }
}
