//! CLIENT SETINFO <LIB-NAME libname | LIB-VER libver>

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|setinfo",
    arity: 4,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Sets information specific to the client or connection.",
        since: "7.2.0",
        group: "connection",
        complexity: "O(1)",
        args: "attr:o(libname:s=LIB-NAME libver:s=LIB-VER)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let value = cx.arg(3).to_vec();
    let (name, lib) = if cx.is(2, "LIB-NAME") {
        ("lib-name", true)
    } else if cx.is(2, "LIB-VER") {
        ("lib-ver", false)
    } else {
        let mut text = b"ERR Unrecognized option '".to_vec();
        text.extend_from_slice(cx.arg(2));
        text.push(b'\'');
        return Err(Fail::Bytes(text));
    };
    if !crate::server::errors::until_nul(&value).iter().all(u8::is_ascii_graphic) {
        return Err(format!("ERR {name} cannot contain spaces, newlines or special characters.").into());
    }
    if lib {
        cx.me().lib_name = value;
    } else {
        cx.me().lib_ver = value;
    }
    cx.out.ok();
    Ok(())
}
