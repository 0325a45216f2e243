//! The authorities that nearly all origins have, read in one pass: a host name of lower-case labels,
//! and a port. Whatever is not taken for one here is for the whole grammar of `host.rs` to judge.

/// The longest authority that is read here: no longer than one label may be, so that nothing in it
/// is too long.
const MAX_BYTES: usize = 63;

/// What the authority may have next. Each state is the place of its six bits in a row of [`ROWS`];
/// whatever leads nowhere leads to [`OTHER`], and stays there.
const OTHER: u64 = 0;
/// A label begins.
const LABEL_START: u64 = 6;
/// In a label, which may end here.
const LABEL: u64 = 12;
/// Behind a hyphen, where no label ends.
const HYPHEN: u64 = 18;
/// A port begins.
const PORT_START: u64 = 24;
/// In a port.
const PORT: u64 = 30;

/// For each byte the states that follow on each state, in a shift: one table look-up a byte.
const ROWS: [u64; 256] = {
    let mut rows = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        rows[byte] = match byte as u8 {
            b'a'..=b'z' | b'_' => LABEL << LABEL_START | LABEL << LABEL | LABEL << HYPHEN,
            b'0' => LABEL << LABEL_START | LABEL << LABEL | LABEL << HYPHEN | PORT << PORT,
            b'1'..=b'9' => {
                LABEL << LABEL_START
                    | LABEL << LABEL
                    | LABEL << HYPHEN
                    | PORT << PORT_START
                    | PORT << PORT
            }
            b'-' => HYPHEN << LABEL | HYPHEN << HYPHEN,
            b'.' => LABEL_START << LABEL,
            b':' => PORT_START << LABEL,
            _ => OTHER,
        };
        byte += 1;
    }
    rows
};

/// The host and the digits of the port, where this is an authority of that kind. The host may still
/// be an IPv4 address, and the port a number that no port has.
pub(crate) fn split(authority: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    if authority.len() > MAX_BYTES {
        return None;
    }
    // In pieces of a fixed length, which compilers unroll.
    let (pieces, rest) = authority.as_chunks::<4>();
    let state = pieces.iter().fold(LABEL_START, |state, piece| piece.iter().fold(state, follow));
    match rest.iter().fold(state, follow) & 63 {
        LABEL => Some((authority, None)),
        PORT => {
            let colon = authority.iter().rposition(|&byte| byte == b':')?;
            Some((&authority[..colon], Some(&authority[colon + 1..])))
        }
        _ => None,
    }
}

fn follow(state: u64, byte: &u8) -> u64 {
    ROWS[*byte as usize] >> (state & 63)
}
