//! ACL GENPASS [bits]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl|genpass",
    arity: -2,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Generates a pseudorandom, secure password that can be used to identify ACL users.",
        since: "6.0.0",
        group: "server",
        complexity: "O(1)",
        args: "bits:i?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    const MOST_BITS: i64 = 4096;
    if cx.argc() > 3 {
        return Err(Fail::Bytes(crate::server::errors::subcommand_syntax(cx.argv)));
    }
    let bits = if cx.argc() == 3 { cx.int(2)? } else { 256 };
    if !(1..=MOST_BITS).contains(&bits) {
        return Err(
            "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096"
                .into(),
        );
    }
    let digits = (bits as usize).div_ceil(4);
    let mut bytes = vec![0; digits.div_ceil(2)];
    cx.s.host.random(&mut bytes);
    let text = crate::server::hex(&bytes);
    cx.out.text(&text[..digits]);
    Ok(())
}
