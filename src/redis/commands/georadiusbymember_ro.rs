//! GEORADIUSBYMEMBER_RO key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY]] [ASC | DESC]

use super::geo_search::{self, Form};
use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "georadiusbymember_ro",
    arity: -5,
    flags: flag::READONLY,
    acl: acl::READ | acl::GEO | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns members from a geospatial index that are within a distance from a member.",
        since: "3.2.10",
        group: "geo",
        complexity: "O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.",
        args: "key:k@0 member:s radius:d unit:o(m:t=M km:t=KM ft:t=FT mi:t=MI) withcoord:t=WITHCOORD? withdist:t=WITHDIST? withhash:t=WITHHASH? count-block:b?(count:i=COUNT any:t=ANY?) order:o?(asc:t=ASC desc:t=DESC)",
        history: &[
            ("6.2.0", "Added the `ANY` option for `COUNT`."),
            ("7.0.0", "Added support for uppercase unit names."),
        ],
        deprecated: Some(("6.2.0", "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments")),
        flags: &["deprecated"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    geo_search::run(cx, Form::RadiusByMember(false))
}
