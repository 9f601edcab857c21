//! Who may look at the page: whoever knows its address.

use std::fmt::Write;
use std::net::IpAddr;

use crate::ViewError;
use crate::http::{Head, Refusal};

/// Bytes of a token: 128 bits are not guessed.
const TOKEN: usize = 16;

/// What a request must have to be answered.
#[derive(Debug)]
pub(crate) struct Access {
    token: String,
    /// The name or address that the page was asked to listen on.
    host: String,
}

impl Access {
    /// Access with a new random token.
    pub(crate) fn new(host: &str) -> Result<Self, ViewError> {
        let mut bytes = [0; TOKEN];
        getrandom::fill(&mut bytes).map_err(|problem| ViewError::Token(problem.to_string()))?;
        let token = bytes.iter().fold(String::new(), |mut token, byte| {
            // A string takes whatever is written.
            write!(token, "{byte:02x}").ok();
            token
        });
        let host = host.to_owned();
        Ok(Self { token, host })
    }

    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// The path behind the token.
    pub(crate) fn path<'a>(&self, head: &'a Head) -> Result<&'a str, Refusal> {
        let foreign = |problem: &str| Err(Refusal::new(403, problem));
        if !self.knows(&head.host) {
            // A name of another site that leads to this machine: the page would take our replies for that site's.
            return foreign("the page is not served under this name");
        }
        let path = head.path.strip_prefix('/').unwrap_or_default();
        let (token, rest) = match path.split_once('/') {
            Some((token, rest)) => (token, Some(rest)),
            None => (path, None),
        };
        match same(token.as_bytes(), self.token.as_bytes()) {
            // Without the slash the page would look for its files beside the token.
            true => {
                rest.ok_or_else(|| Refusal::new(404, "the address of the page ends with a slash"))
            }
            false => foreign(
                "the address lacks the token of this run; take the one that `thalweg view` prints",
            ),
        }
    }

    /// Whether the page is reached under this name: an address, which no site can claim as its own, `localhost`, or the
    /// name that was asked for. The port may be another one, that of a tunnel.
    fn knows(&self, host: &str) -> bool {
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let address = name.trim_start_matches('[').trim_end_matches(']');
        address.parse::<IpAddr>().is_ok()
            || name.eq_ignore_ascii_case("localhost")
            || name.eq_ignore_ascii_case(&self.host)
    }
}

/// Whether two texts are the same, in a time that does not tell where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
