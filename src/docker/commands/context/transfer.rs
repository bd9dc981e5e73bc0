//! `docker context export` and `import`.

use machine::Fd;

use super::edit::{check_new, known};
use crate::api::contexts::{self, Context, DEFAULT};
use crate::archive::{Entry, EntryKind, Reader, Writer};
use crate::cli::{Args, Invocation, Outcome, Spec, fail, write_out};
use crate::commands::common::read_file;

/// `docker context export`
pub const EXPORT: Spec = Spec {
    paths: &["context export"],
    usage: "[OPTIONS] CONTEXT [FILE|-]",
    short: "Export a context to a tar archive FILE or a tar stream on STDOUT.",
    args: Args::Range(1, 2),
    ..Spec::new(|c| Box::pin(export(c)))
};

/// `docker context import`
pub const IMPORT: Spec = Spec {
    paths: &["context import"],
    usage: "CONTEXT FILE|-",
    short: "Import a context from a tar or zip file",
    args: Args::Exactly(2),
    ..Spec::new(|c| Box::pin(import(c)))
};

/// An archive of a context may not be larger.
const MAX_INPUT: usize = 10 * 1024 * 1024;

async fn export(c: Invocation) -> Outcome {
    let name = c.matches.arg(0).to_string();
    if name == DEFAULT {
        return fail("drydock: exporting the default context is not emulated here");
    }
    let context = known(&c, &name)?;
    let file = match c.matches.args.get(1) {
        Some(file) => file.clone(),
        None => format!("{name}.dockercontext"),
    };
    let entry = |path: &str, kind: EntryKind, mode: u32, data: Vec<u8>| Entry {
        path: path.into(),
        kind,
        mode,
        owner: (0, 0),
        mtime: 0,
        target: String::new(),
        data,
    };
    let mut writer = Writer::default();
    writer.add(&entry("meta.json", EntryKind::File, 0o644, context.encode()));
    writer.add(&entry("tls", EntryKind::Directory, 0o700, Vec::new()));
    let archive = writer.finish();
    if file == "-" {
        if c.sys.isatty(Fd::STDOUT) {
            return fail("cowardly refusing to export to a terminal, specify a file path");
        }
        write_out(&c.sys, Fd::STDOUT, &archive).await;
        return Ok(());
    }
    if c.sys.stat(&file).is_ok() {
        return fail(format!("open {file}: file exists"));
    }
    c.sys
        .put_file(&file, archive.into(), 0o600)
        .map_err(|errno| format!("open {file}: {}", errno.message().to_lowercase()))?;
    c.eprint(&format!("Written file \"{file}\"\n")).await;
    Ok(())
}

async fn import(c: Invocation) -> Outcome {
    let (name, file) = (c.matches.arg(0).to_string(), c.matches.arg(1));
    check_new(&c, &name)?;
    let data = match file {
        "-" => c.sys.read_to_end(Fd::STDIN, MAX_INPUT).await.map_err(|e| e.message().to_lowercase())?,
        file => read_file(&c.sys, file)?,
    };
    let meta = Reader::new(&data).find(|entry| entry.path == "meta.json");
    let Some(context) = meta.and_then(|entry| Context::decode(&entry.data)) else {
        return fail("invalid context: no metadata found");
    };
    contexts::store(&c.sys, &Context { name: name.clone(), ..context })?;
    c.println(&name).await;
    c.eprint(&format!("Successfully imported context \"{name}\"\n")).await;
    Ok(())
}
