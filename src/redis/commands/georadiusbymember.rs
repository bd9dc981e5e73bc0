//! GEORADIUSBYMEMBER key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC] [STORE key | STOREDIST key]

use super::geo_search::{self, Form};
use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "georadiusbymember",
    arity: -5,
    flags: flag::WRITE | flag::DENYOOM | flag::MOVABLEKEYS,
    acl: acl::WRITE | acl::GEO | acl::SLOW,
    first: (1, 1, 1),
    keys: &[
        KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" },
        KeySpec {
            begin: Begin::Keyword("STORE", 5),
            find: Find::Range(0, 1, 0),
            flags: key::OW | key::UPDATE,
            notes: "",
        },
        KeySpec {
            begin: Begin::Keyword("STOREDIST", 5),
            find: Find::Range(0, 1, 0),
            flags: key::OW | key::UPDATE,
            notes: "",
        },
    ],
    tips: &[],
    docs: Docs {
        summary: "Queries a geospatial index for members within a distance from a member, optionally stores the result.",
        since: "3.2.0",
        group: "geo",
        complexity: "O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.",
        args: "key:k@0 member:s radius:d unit:o(m:t=M km:t=KM ft:t=FT mi:t=MI) withcoord:t=WITHCOORD? withdist:t=WITHDIST? withhash:t=WITHHASH? count-block:b?(count:i=COUNT any:t=ANY?) order:o?(asc:t=ASC desc:t=DESC) store:o?(storekey:k@1=STORE!key storedistkey:k@2=STOREDIST!key)",
        history: &[
            ("6.2.0", "Added the `ANY` option for `COUNT`."),
            ("7.0.0", "Added support for uppercase unit names."),
        ],
        deprecated: Some(("6.2.0", "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    geo_search::run(cx, Form::RadiusByMember(true))
}
