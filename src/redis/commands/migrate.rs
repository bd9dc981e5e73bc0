//! MIGRATE host port <key | > destination-db timeout [COPY] [REPLACE] [AUTH password | AUTH2 username password] [KEYS key [...]]

use super::prelude::*;
use crate::server::client::BlockedOn;
use crate::server::migrate::{CANT_WAIT, Order, port};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "migrate",
    arity: -6,
    flags: flag::WRITE | flag::MOVABLEKEYS,
    acl: acl::KEYSPACE | acl::WRITE | acl::SLOW | acl::DANGEROUS,
    first: (3, 3, 1),
    keys: &[
        KeySpec {
            begin: Begin::Index(3),
            find: Find::Range(0, 1, 0),
            flags: key::RW | key::ACCESS | key::DELETE,
            notes: "",
        },
        KeySpec {
            begin: Begin::Keyword("KEYS", -2),
            find: Find::Range(-1, 1, 0),
            flags: key::RW | key::ACCESS | key::DELETE | key::INCOMPLETE,
            notes: "",
        },
    ],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Atomically transfers a key from one Redis instance to another.",
        since: "2.6.0",
        group: "generic",
        complexity: "This command actually executes a DUMP+DEL in the source instance, and a RESTORE in the target instance. See the pages of these commands for time complexity. Also an O(N) data transfer between the two instances is performed.",
        args: "host:s port:i key-selector:o(key:k@0 empty-string:t=\"\") destination-db:i timeout:i copy:t=COPY?^3.0.0 replace:t=REPLACE?^3.0.0 authentication:o?(auth:s=AUTH^4.0.7!password auth2:b=AUTH2^6.0.0(username:s password:s)) keys:k@1=KEYS?*^3.0.6!key",
        history: &[
            ("3.0.0", "Added the `COPY` and `REPLACE` options."),
            ("3.0.6", "Added the `KEYS` option."),
            ("4.0.7", "Added the `AUTH` option."),
            ("6.0.0", "Added the `AUTH2` option."),
        ],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let mut order = Order {
        client: cx.client,
        db: cx.db,
        host: String::from_utf8_lossy(cx.arg(1)).into_owned(),
        port: 0,
        target_db: 0,
        timeout: 0,
        copy: false,
        replace: false,
        auth: Vec::new(),
        keys: vec![cx.arg(3).to_vec()],
    };
    options(cx, &mut order)?;
    let timeout = cx.int(5)?;
    order.timeout = if timeout <= 0 { 1000 } else { timeout };
    order.target_db = cx.int(4)?;
    order.keys.retain(|key| cx.s.read(cx.db, key).is_some());
    if order.keys.is_empty() {
        cx.out.simple("NOKEY");
        return Ok(());
    }
    order.port = port(cx.arg(2));
    if cx.no_block {
        return Err(CANT_WAIT.into());
    }
    cx.s.block(cx.client, BlockedOn::Migration, 0, cx.argv);
    cx.s.migrate(order);
    Ok(())
}

fn options(cx: &mut Cx<'_>, order: &mut Order) -> Res {
    let mut at = 6;
    while at < cx.argc() {
        let left = cx.argc() - at - 1;
        match cx.arg(at).to_ascii_lowercase().as_slice() {
            b"copy" => order.copy = true,
            b"replace" => order.replace = true,
            b"auth" if left >= 1 => {
                order.auth = vec![b"AUTH".to_vec(), cx.arg(at + 1).to_vec()];
                cx.redact(at + 1..at + 2);
                at += 1;
            }
            b"auth2" if left >= 2 => {
                order.auth = vec![b"AUTH".to_vec(), cx.arg(at + 1).to_vec(), cx.arg(at + 2).to_vec()];
                cx.redact(at + 1..at + 3);
                at += 2;
            }
            b"keys" => {
                if !cx.arg(3).is_empty() {
                    return Err(
                        "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string".into()
                    );
                }
                order.keys = cx.argv.iter().skip(at + 1).map(|k| k.to_vec()).collect();
                break;
            }
            _ => return Err(err::SYNTAX.into()),
        }
        at += 1;
    }
    Ok(())
}
