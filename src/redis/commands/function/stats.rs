//! FUNCTION STATS

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "function|stats",
    arity: 2,
    flags: flag::NOSCRIPT | flag::ALLOW_BUSY,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
    docs: Docs {
        summary: "Returns information about a function during execution.",
        since: "7.0.0",
        group: "scripting",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let now = cx.s.host.mono_us();
    let scripting = &cx.s.scripting;
    if let Some(run) = scripting.running()
        && run.eval
    {
        return Err(run.busy_text().into());
    }
    cx.out.map(2);
    cx.out.text("running_script");
    match scripting.running() {
        None => cx.out.null(),
        Some(run) => {
            cx.out.map(3);
            cx.out.text("name");
            cx.out.text(&run.name);
            cx.out.text("command");
            cx.out.array(run.argv.len());
            run.argv.iter().for_each(|word| cx.out.bulk(word));
            cx.out.text("duration_ms");
            cx.out.int((now - run.since) / 1000);
        }
    }
    cx.out.text("engines");
    cx.out.map(1);
    cx.out.text("LUA");
    cx.out.map(2);
    cx.out.text("libraries_count");
    cx.out.len(scripting.functions.libraries.len());
    cx.out.text("functions_count");
    cx.out.len(scripting.functions.count());
    Ok(())
}
