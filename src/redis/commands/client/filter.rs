//! The filters of CLIENT KILL, and the kinds of clients that CLIENT LIST takes too.

use super::super::prelude::*;
use crate::server::Client;

/// Which clients are meant.
#[derive(Default)]
pub(crate) struct Filter {
    id: Option<u64>,
    kind: Option<&'static str>,
    addr: Option<String>,
    laddr: Option<String>,
    user: Option<String>,
    max_age: Option<i64>,
    now: i64,
    /// SKIPME yes, the default.
    pub(crate) skip_me: bool,
}

impl Filter {
    /// Whether a client is meant.
    pub(crate) fn matches(&self, client: &Client) -> bool {
        self.id.is_none_or(|id| id == client.id)
            && self.kind.is_none_or(|kind| kind == client.kind())
            && self.addr.as_ref().is_none_or(|a| *a == client.addr)
            && self.laddr.as_ref().is_none_or(|a| *a == client.laddr)
            && self.user.as_ref().is_none_or(|u| *u == client.user)
            && self.max_age.is_none_or(|age| (self.now - client.created) / 1000 >= age)
    }
}

/// A kind of client, as [`Client::kind`] names it.
pub(super) fn kind(name: &[u8]) -> Result<&'static str, Fail> {
    match name.to_ascii_lowercase().as_slice() {
        b"normal" => Ok("normal"),
        b"slave" | b"replica" => Ok("replica"),
        b"pubsub" => Ok("pubsub"),
        b"master" => Ok("master"),
        _ => Err(Fail::Bytes([b"ERR Unknown client type '", name, b"'"].concat())),
    }
}

/// Reads the filters of CLIENT KILL: an address, or options with their values.
pub(crate) fn read(cx: &Cx<'_>) -> Result<Filter, Fail> {
    let mut filter = Filter { now: cx.s.host.mono_us() / 1000, ..Filter::default() };
    if cx.argc() == 3 {
        filter.addr = Some(machine::text::from_bytes(cx.arg(2)));
        return Ok(filter);
    }
    filter.skip_me = true;
    for pair in cx.argv[2..].chunks(2) {
        let [option, value] = pair else { return Err(err::SYNTAX.into()) };
        let text = || machine::text::from_bytes(value);
        match option.to_ascii_uppercase().as_slice() {
            b"ID" => {
                let id = resp::parse_i64(value).filter(|id| *id >= 1);
                filter.id = Some(id.ok_or(Fail::from("ERR client-id should be greater than 0"))? as u64);
            }
            b"MAXAGE" => {
                let age = resp::parse_i64(value).ok_or(Fail::from("ERR maxage is not an integer or out of range"))?;
                if age <= 0 {
                    return Err("ERR maxage should be greater than 0".into());
                }
                filter.max_age = Some(age);
            }
            b"TYPE" => filter.kind = Some(kind(value)?),
            b"ADDR" => filter.addr = Some(text()),
            b"LADDR" => filter.laddr = Some(text()),
            b"USER" => {
                if cx.s.acl.user(&text()).is_none() {
                    return Err(Fail::Bytes([b"ERR No such user '", *value, b"'"].concat()));
                }
                filter.user = Some(text());
            }
            b"SKIPME" => {
                filter.skip_me = match value.to_ascii_lowercase().as_slice() {
                    b"yes" => true,
                    b"no" => false,
                    _ => return Err(err::SYNTAX.into()),
                }
            }
            _ => return Err(err::SYNTAX.into()),
        }
    }
    Ok(filter)
}
