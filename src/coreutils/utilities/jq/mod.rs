//! `jq` 1.6: filters for JSON.

mod eval;
mod filter;
mod functions;
mod json;
mod operators;
mod parse;
mod paths;
mod strings;
#[cfg(test)]
mod tests;
mod updates;

use std::collections::VecDeque;
use std::rc::Rc;

use machine::{ExitCode, Fd};

use crate::context::Context;
use eval::{At, Runner, Scope, Stop, bind};
use filter::Filter;
use json::{Reader, Style, Value, write};

/// What a step costs, in nanoseconds.
const STEP_COST: u64 = 60;

const USAGE: &str = "\
Usage:\tjq [OPTIONS] FILTER [FILES...]
\tjq [OPTIONS] FILTER --args [ARGUMENTS...]
\tjq [OPTIONS] FILTER --jsonargs [JSON_VALUES...]

jq is a tool for processing JSON inputs, applying the given filter to
its JSON text inputs and producing the filter's results as JSON on
standard output.

The simplest filter is ., which copies jq's input to its output
unmodified (except for formatting, but note that IEEE754 is used
for number representation internally, with all that that implies).

For more advanced filters see the jq(1) manpage (\"man jq\")
and/or https://stedolan.github.io/jq

Example:

\t$ echo '{\"foo\": 0}' | jq .
\t{
\t\t\"foo\": 0
\t}

For a listing of options, use jq --help.
";

const HELP: &str = "
Some of the options include:
  -c               compact instead of pretty-printed output;
  -n               use `null` as the single input value;
  -e               set the exit status code based on the output;
  -s               read (slurp) all inputs into an array; apply filter to it;
  -r               output raw strings, not JSON texts;
  -R               read raw strings, not JSON texts;
  -C               colorize JSON;
  -M               monochrome (don't colorize JSON);
  -S               sort keys of objects on output;
  --tab            use tabs for indentation;
  --arg a v        set variable $a to value <v>;
  --argjson a v    set variable $a to JSON value <v>;
  --slurpfile a f  set variable $a to an array of JSON texts read from <f>;
  --rawfile a f    set variable $a to a string consisting of the contents of <f>;
  --args           remaining arguments are string arguments, not files;
  --jsonargs       remaining arguments are JSON arguments, not files;
  --               terminates argument processing;

Named arguments are also available as $ARGS.named[], while
positional arguments are available as $ARGS.positional[].
";

/// What the command line asks for.
struct Options {
    style: Style,
    null: bool,
    raw_in: bool,
    raw_out: bool,
    joined: bool,
    slurp: bool,
    by_result: bool,
    filter: Option<String>,
    files: Vec<String>,
    named: Vec<(Rc<str>, Value)>,
    positional: Vec<Value>,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let options = match options(cx).await {
        Ok(options) => options,
        Err(status) => return status,
    };
    let Some(text) = options.filter.clone() else {
        cx.complain(USAGE).await;
        return ExitCode(2);
    };
    let filter = match parse::parse(&text) {
        Ok(filter) => filter,
        Err(problem) => {
            cx.complain(&format!("jq: error: {problem}\njq: 1 compile error\n")).await;
            return ExitCode(3);
        }
    };
    let mut trouble = 0;
    let mut inputs = Inputs::default();
    if !options.null || uses_inputs(&text) {
        let files = if options.files.is_empty() { vec!["-".to_string()] } else { options.files.clone() };
        let mut all = String::new();
        let mut starts = Vec::new();
        for path in files {
            match cx.read_all(&path).await {
                Ok(data) => {
                    let name = if path == "-" { "<stdin>".to_string() } else { path };
                    starts.push((all.matches('\n').count(), name));
                    all.push_str(&String::from_utf8_lossy(&data));
                }
                Err(error) => {
                    trouble = 2;
                    cx.error(format_args!("error: Could not open file {path}: {error}")).await;
                }
            }
        }
        cx.sys.tick(all.len() as u64 * 20).await;
        inputs = Inputs::read(&options, &all, &starts);
    }
    let mut last = None;
    let broken = inputs.broken.take();
    let status = evaluate(cx, &options, &filter, inputs, &mut last).await;
    trouble = if status > 0 { status } else { trouble };
    if let Some(problem) = broken {
        cx.complain(&format!("parse error: {problem}\n")).await;
        return ExitCode(4);
    }
    match (trouble, options.by_result, last) {
        (0, true, None) => ExitCode(4),
        (0, true, Some(false)) => ExitCode(1),
        (trouble, ..) => ExitCode(trouble),
    }
}

/// Whether a filter reads inputs itself, with `-n` too.
fn uses_inputs(text: &str) -> bool {
    text.contains("input")
}

/// What there is to filter.
#[derive(Default)]
struct Inputs {
    values: VecDeque<Value>,
    /// Where each of them ended: file and line.
    places: Vec<String>,
    /// What is wrong with the text behind them.
    broken: Option<String>,
}

impl Inputs {
    /// Those of a text; `starts` says at which line of it each file begins.
    fn read(options: &Options, text: &str, starts: &[(usize, String)]) -> Inputs {
        let mut inputs = Inputs::default();
        if options.raw_in {
            inputs.values = match options.slurp {
                true => VecDeque::from([Value::text(text)]),
                false => text.lines().map(Value::text).collect(),
            };
            return inputs;
        }
        let mut reader = Reader::new(text);
        while let Some(value) = reader.next() {
            match value {
                Ok(value) => {
                    inputs.values.push_back(value);
                    let line = reader.line();
                    let start = starts.iter().rev().find(|(first, _)| *first < line);
                    inputs.places.extend(start.map(|(first, name)| format!("{name}:{}", line - first)));
                }
                Err(problem) => {
                    inputs.broken = Some(problem);
                    break;
                }
            }
        }
        if options.slurp && inputs.broken.is_none() {
            inputs.values = VecDeque::from([Value::list(inputs.values.into())]);
            inputs.places = inputs.places.pop().into_iter().collect();
        }
        inputs
    }
}

async fn evaluate(cx: &mut Context, options: &Options, filter: &Filter, inputs: Inputs, last: &mut Option<bool>) -> u8 {
    let environment = cx.sys.env();
    let pairs = environment.iter().filter_map(|entry| {
        let (name, value) = entry.split_once('=')?;
        Some((Rc::from(name), Value::text(value)))
    });
    let now = cx.sys.wall_clock().0 as f64 / 1e9;
    let runner = Runner::new(Value::map(pairs.collect()), now);
    let mut scope: Scope = None;
    for (name, value) in &options.named {
        scope = bind(&scope, name, value.clone());
    }
    let arguments = Value::map(vec![
        ("positional".into(), Value::list(options.positional.clone())),
        ("named".into(), Value::map(options.named.clone())),
    ]);
    scope = bind(&scope, "ARGS", arguments);
    let count = inputs.values.len();
    *runner.inputs.borrow_mut() = inputs.values;
    let mut status = 0;
    let mut once = options.null;
    loop {
        let input = match once {
            true => Value::Null,
            false => match runner.inputs.borrow_mut().pop_front() {
                Some(input) => input,
                None => break,
            },
        };
        let mut out = String::new();
        let result = runner.run(filter, &scope, At::new(input), &mut |at| {
            *last = Some(at.value.is_true());
            match &at.value {
                Value::Text(text) if options.raw_out => out.push_str(text),
                value => out.push_str(&write(value, options.style)),
            }
            if !options.joined {
                out.push('\n');
            }
            Ok(())
        });
        cx.sys.tick(runner.take_steps() * STEP_COST).await;
        cx.put(out.as_bytes()).await;
        if let Err(Stop::Error(value)) = result {
            status = 5;
            let taken = count - runner.inputs.borrow().len();
            let place = taken.checked_sub(1).and_then(|at| inputs.places.get(at)).map_or("<unknown>", |place| place);
            let text = match &value {
                Value::Text(text) => text.to_string(),
                other => format!("(not a string): {}", write(other, Style::default())),
            };
            if let Some(what) = text.strip_suffix(" is not defined") {
                cx.complain(&format!(
                    "jq: error: {what} is not defined at <top-level>, line 1:\n{}\njq: 1 compile error\n",
                    options.filter.as_deref().unwrap_or("")
                ))
                .await;
                return 3;
            }
            cx.complain(&format!("jq: error (at {place}): {text}\n")).await;
        }
        if once {
            break;
        }
        once = false;
    }
    status
}

async fn options(cx: &mut Context) -> Result<Options, ExitCode> {
    let color = cx.sys.isatty(Fd::STDOUT);
    let mut options = Options {
        style: Style { indent: Some(2), color, ..Style::default() },
        null: false,
        raw_in: false,
        raw_out: false,
        joined: false,
        slurp: false,
        by_result: false,
        filter: None,
        files: Vec::new(),
        named: Vec::new(),
        positional: Vec::new(),
    };
    let args = cx.args.clone();
    let mut args = args.iter();
    // What operands behind the filter are: files, texts, JSON.
    let (mut kind, mut plain) = ("files", false);
    while let Some(arg) = args.next() {
        if plain || !arg.starts_with('-') || arg == "-" {
            match (&options.filter, kind) {
                (None, _) => options.filter = Some(arg.clone()),
                (_, "--args") => options.positional.push(Value::text(arg)),
                (_, "--jsonargs") => match Reader::new(arg).next() {
                    Some(Ok(value)) => options.positional.push(value),
                    _ => {
                        cx.complain(&format!("jq: Invalid JSON text passed to --jsonargs\n{USAGE}")).await;
                        return Err(ExitCode(2));
                    }
                },
                _ => options.files.push(arg.clone()),
            }
            continue;
        }
        match arg.strip_prefix("--") {
            Some("") => plain = true,
            Some("args" | "jsonargs") => kind = if arg == "--args" { "--args" } else { "--jsonargs" },
            Some(name @ ("arg" | "argjson" | "slurpfile" | "rawfile")) => {
                let (Some(variable), Some(value)) = (args.next(), args.next()) else {
                    cx.complain(&format!(
                        "jq: --{name} takes two parameters (e.g. --{name} varname {})\n{USAGE}",
                        if name.ends_with("file") { "filename" } else { "value" }
                    ))
                    .await;
                    return Err(ExitCode(2));
                };
                let value = named_value(cx, name, variable, value).await?;
                options.named.push((variable.as_str().into(), value));
            }
            Some("indent") => {
                let width = args.next().and_then(|n| n.parse::<usize>().ok()).unwrap_or(2).min(7);
                options.style.indent = (width > 0).then_some(width);
            }
            Some("from-file") => read_filter(cx, &mut options, args.next()).await?,
            Some(long) => flag(cx, &mut options, long, arg).await?,
            None => {
                for letter in arg[1..].chars() {
                    if letter == 'f' {
                        read_filter(cx, &mut options, args.next()).await?;
                        continue;
                    }
                    flag(cx, &mut options, &letter.to_string(), arg).await?;
                }
            }
        }
    }
    Ok(options)
}

async fn read_filter(cx: &mut Context, options: &mut Options, path: Option<&String>) -> Result<(), ExitCode> {
    let path = path.cloned().unwrap_or_default();
    match cx.read_all(&path).await {
        Ok(data) => {
            // What came first is a file then.
            options.files.extend(options.filter.take());
            options.filter = Some(String::from_utf8_lossy(&data).into_owned());
            Ok(())
        }
        Err(error) => {
            cx.error(format_args!("error: Could not open {path}: {error}")).await;
            Err(ExitCode(2))
        }
    }
}

async fn named_value(cx: &mut Context, kind: &str, variable: &str, value: &str) -> Result<Value, ExitCode> {
    let text = match kind {
        "arg" => return Ok(Value::text(value)),
        "argjson" => value.to_string(),
        _ => match cx.read_all(value).await {
            Ok(data) => String::from_utf8_lossy(&data).into_owned(),
            Err(error) => {
                cx.complain(&format!("jq: Bad JSON in --{kind} {variable} {value}: Could not open {value}: {error}\n"))
                    .await;
                return Err(ExitCode(2));
            }
        },
    };
    if kind == "rawfile" {
        return Ok(Value::text(text));
    }
    let read: Result<Vec<Value>, String> = {
        let mut reader = Reader::new(&text);
        std::iter::from_fn(|| reader.next()).collect()
    };
    match (read, kind) {
        (Ok(all), "slurpfile") => Ok(Value::list(all)),
        (Ok(all), _) if all.len() == 1 => Ok(all.into_iter().next().unwrap_or(Value::Null)),
        _ => {
            cx.complain(&format!("jq: Invalid JSON text passed to --{kind}\n{USAGE}")).await;
            Err(ExitCode(2))
        }
    }
}

async fn flag(cx: &mut Context, options: &mut Options, name: &str, arg: &str) -> Result<(), ExitCode> {
    match name {
        "c" | "compact-output" => options.style.indent = None,
        "n" | "null-input" => options.null = true,
        "e" | "exit-status" => options.by_result = true,
        "s" | "slurp" => options.slurp = true,
        "r" | "raw-output" => options.raw_out = true,
        "j" | "join-output" => (options.raw_out, options.joined) = (true, true),
        "R" | "raw-input" => options.raw_in = true,
        "C" | "color-output" => options.style.color = true,
        "M" | "monochrome-output" => options.style.color = false,
        "S" | "sort-keys" => options.style.sorted = true,
        "a" | "ascii-output" | "unbuffered" | "seq" => {}
        "tab" => (options.style.tab, options.style.indent) = (true, Some(1)),
        "h" | "help" => {
            cx.put(USAGE.trim_end_matches("For a listing of options, use jq --help.\n").trim_end().as_bytes()).await;
            cx.put(b"\n").await;
            cx.put(HELP.as_bytes()).await;
            return Err(ExitCode::SUCCESS);
        }
        "V" | "version" => {
            cx.line("jq-1.6").await;
            return Err(ExitCode::SUCCESS);
        }
        _ => {
            cx.complain(&format!("jq: Unknown option: {arg}\n{USAGE}")).await;
            return Err(ExitCode(2));
        }
    }
    Ok(())
}
