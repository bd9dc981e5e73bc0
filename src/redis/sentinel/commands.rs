//! Commands that answer otherwise in Sentinel mode.

use super::HELLO;
use crate::server::{Cx, Res};

/// PUBLISH takes hellos of other Sentinels, and nothing else.
pub fn publish(cx: &mut Cx<'_>) -> Res {
    if cx.arg(1) != HELLO.as_bytes() {
        return Err("ERR Only HELLO messages are accepted by Sentinel instances.".into());
    }
    let text = machine::text::from_bytes(cx.arg(2));
    cx.s.as_sentinel(|watch| watch.hello(&text));
    cx.out.int(1);
    Ok(())
}

/// ROLE names the masters.
pub fn role(cx: &mut Cx<'_>) -> Res {
    let out = &mut *cx.out;
    cx.s.as_sentinel(|watch| {
        out.array(2);
        out.text("sentinel");
        out.texts(&watch.me.masters.keys().map(String::as_str).collect::<Vec<_>>());
    });
    Ok(())
}
