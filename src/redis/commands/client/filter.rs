//! The filters of CLIENT LIST and CLIENT KILL.

use super::super::prelude::*;
use crate::server::Client;
use crate::server::client::Role;

/// Which clients are meant.
#[derive(Default)]
pub(crate) struct Filter {
    ids: Option<Vec<u64>>,
    kind: Option<Vec<u8>>,
    addr: Option<String>,
    laddr: Option<String>,
    user: Option<String>,
    name: Option<Vec<u8>>,
    max_age: Option<i64>,
    now: i64,
    /// SKIPME yes, the default.
    pub(crate) skip_me: bool,
}

impl Filter {
    /// Whether a client is meant.
    pub(crate) fn matches(&self, client: &Client) -> bool {
        let kind = match client.role {
            Role::Replica => b"replica".as_slice(),
            Role::Master => b"master",
            _ if client.in_pubsub() => b"pubsub",
            _ => b"normal",
        };
        self.ids.as_ref().is_none_or(|ids| ids.contains(&client.id))
            && self.kind.as_ref().is_none_or(|k| k == kind || (k == b"slave" && kind == b"replica"))
            && self.addr.as_ref().is_none_or(|a| *a == client.addr)
            && self.laddr.as_ref().is_none_or(|a| *a == client.laddr)
            && self.user.as_ref().is_none_or(|u| *u == client.user)
            && self.name.as_ref().is_none_or(|n| *n == client.name)
            && self.max_age.is_none_or(|age| (self.now - client.created) / 1000 >= age)
    }
}

/// Reads the filters from word `at` on.
pub(crate) fn read(cx: &Cx<'_>, at: usize, kill: bool) -> Result<Filter, Fail> {
    let mut filter = Filter { skip_me: true, now: cx.s.host.mono_us() / 1000, ..Filter::default() };
    let text = |n: usize| machine::text::from_bytes(cx.arg(n));
    if kill && cx.argc() == 3 {
        filter.addr = Some(text(2));
        return Ok(filter);
    }
    let mut at = at;
    while at < cx.argc() {
        let more = at + 1 < cx.argc();
        match cx.arg(at).to_ascii_uppercase().as_slice() {
            b"ID" if more => {
                let mut ids = Vec::new();
                at += 1;
                while at < cx.argc() && (ids.is_empty() || resp::parse_i64(cx.arg(at)).is_some()) {
                    let id = cx.int_or(
                        at,
                        if kill { "ERR client-id should be greater than 0" } else { "ERR Invalid client ID" },
                    )?;
                    if id < 1 {
                        return Err(if kill {
                            "ERR client-id should be greater than 0"
                        } else {
                            "ERR Invalid client ID"
                        }
                        .into());
                    }
                    ids.push(id as u64);
                    at += 1;
                }
                filter.ids = Some(ids);
                continue;
            }
            b"TYPE" if more => {
                let kind = cx.arg(at + 1).to_ascii_lowercase();
                if !matches!(kind.as_slice(), b"normal" | b"slave" | b"replica" | b"pubsub" | b"master") {
                    let mut text = b"ERR Unknown client type '".to_vec();
                    text.extend_from_slice(cx.arg(at + 1));
                    text.push(b'\'');
                    return Err(Fail::Bytes(text));
                }
                filter.kind = Some(kind);
            }
            b"ADDR" if more => filter.addr = Some(text(at + 1)),
            b"LADDR" if more => filter.laddr = Some(text(at + 1)),
            b"USER" if more => {
                if kill && cx.s.acl.user(&text(at + 1)).is_none() {
                    return Err(format!("ERR No such user '{}'", text(at + 1)).into());
                }
                filter.user = Some(text(at + 1));
            }
            b"NAME" if more => filter.name = Some(cx.arg(at + 1).to_vec()),
            b"MAXAGE" if more => {
                filter.max_age = Some(cx.int_or(at + 1, "ERR maxage is not an integer or out of range")?)
            }
            b"SKIPME" if more => {
                filter.skip_me = match cx.arg(at + 1).to_ascii_lowercase().as_slice() {
                    b"yes" => true,
                    b"no" => false,
                    _ => return Err(err::SYNTAX.into()),
                };
            }
            _ => return Err(err::SYNTAX.into()),
        }
        at += 2;
    }
    Ok(filter)
}
