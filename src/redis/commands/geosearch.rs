//! GEOSEARCH key <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius <M | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST] [WITHHASH]

use super::geo_search::{self, Form};
use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "geosearch",
    arity: -7,
    flags: flag::READONLY,
    acl: acl::READ | acl::GEO | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Queries a geospatial index for members inside an area of a box or a circle.",
        since: "6.2.0",
        group: "geo",
        complexity: "O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape",
        args: "key:k@0 from:o(member:s=FROMMEMBER fromlonlat:b=FROMLONLAT(longitude:d latitude:d)) by:o(circle:b(radius:d=BYRADIUS unit:o(m:t=M km:t=KM ft:t=FT mi:t=MI)) box:b(width:d=BYBOX height:d unit:o(m:t=M km:t=KM ft:t=FT mi:t=MI))) order:o?(asc:t=ASC desc:t=DESC) count-block:b?(count:i=COUNT any:t=ANY?) withcoord:t=WITHCOORD? withdist:t=WITHDIST? withhash:t=WITHHASH?",
        history: &[("7.0.0", "Added support for uppercase unit names.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    geo_search::run(cx, Form::Search)
}
