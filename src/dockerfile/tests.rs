//! What Docker answers to these files.

use crate::{Command, Expander, Ignore, Kind, parse};

fn error(text: &str) -> String {
    parse(text).err().map_or_else(String::new, |e| e.message)
}

#[test]
fn errors_are_buildkit_s() {
    let line2 = "dockerfile parse error on line 2: ";
    for (text, wanted) in [
        ("", "the Dockerfile cannot be empty".to_string()),
        ("# comment only\n", "file with no instructions".into()),
        ("RUN echo hi\n", "no build stage in current context".into()),
        ("FROM\n", "dockerfile parse error on line 1: FROM requires either one or three arguments".into()),
        ("FROM busybox AS\n", "dockerfile parse error on line 1: FROM requires either one or three arguments".into()),
        ("FROM b\nFOO bar\n", format!("{line2}unknown instruction: FOO (did you mean FROM?)")),
        ("FROM b\nRUM echo\n", format!("{line2}unknown instruction: RUM (did you mean RUN?)")),
        (
            "FROM b\nCOPY a\n",
            format!(
                "{line2}COPY requires at least two arguments, but only one was provided. Destination could not be determined"
            ),
        ),
        ("FROM b\nCOPY --foo=x a /\n", format!("{line2}unknown flag: --foo (did you mean from?)")),
        ("FROM b\nENV A\n", "ENV must have two arguments".into()),
        ("FROM b\nUSER\n", format!("{line2}USER requires exactly one argument")),
        ("FROM b\nWORKDIR\n", format!("{line2}WORKDIR requires exactly one argument")),
        ("FROM b\nHEALTHCHECK foo\n", format!("{line2}Unknown type \"FOO\" in HEALTHCHECK (try CMD)")),
        ("FROM b\nHEALTHCHECK --interval=x CMD true\n", format!("{line2}time: invalid duration \"x\"")),
        ("FROM b\nONBUILD FROM x\n", format!("{line2}FROM isn't allowed as an ONBUILD trigger")),
        ("FROM b\nONBUILD ONBUILD RUN x\n", format!("{line2}Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")),
        ("FROM b\nSHELL sh\n", format!("{line2}SHELL requires the arguments to be in JSON form")),
        ("FROM b\nVOLUME\n", format!("{line2}VOLUME requires at least one argument")),
        ("FROM b\nLABEL\n", format!("{line2}LABEL requires at least one argument")),
        ("FROM b\nARG\n", format!("{line2}ARG requires at least one argument")),
    ] {
        assert_eq!(error(text), wanted, "{text:?}");
    }
}

#[test]
fn warnings_are_buildkit_s() {
    let short = |text: &str| parse(text).unwrap().warnings.iter().map(|w| w.short()).collect::<Vec<_>>();
    assert_eq!(
        short("FROM b\nRUN echo a \\\n\n  && echo b\n"),
        ["NoEmptyContinuation: Empty continuation line (line 4)"]
    );
    assert_eq!(
        short("FROM b\nMAINTAINER me\n"),
        ["MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)"]
    );
    assert_eq!(
        short("FROM b\nENV A=${B:-def} C=$A\n"),
        [
            "UndefinedVar: Usage of undefined variable '$B' (line 2)",
            "UndefinedVar: Usage of undefined variable '$A' (line 2)"
        ]
    );
    let cmd =
        "JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals";
    let twice = "instructions should not be used in the same stage because only the last one will be used";
    assert_eq!(
        short("FROM b\nCMD echo one\nCMD echo two\nENTRYPOINT [\"echo\"]\nENTRYPOINT [\"echo\", \"e2\"]\n"),
        [
            format!("{cmd} (line 2)"),
            format!("MultipleInstructionsDisallowed: Multiple CMD {twice} (line 2)"),
            format!("{cmd} (line 3)"),
            format!("MultipleInstructionsDisallowed: Multiple ENTRYPOINT {twice} (line 4)"),
        ]
    );
    assert_eq!(short("FROM ${BASE}\n").len(), 2);
    assert!(short("from b\nrun echo lower\n").is_empty());
}

#[test]
fn continuations_and_escapes_join() {
    let file = parse("# escape=`\nFROM b\nRUN echo a `\n b\n").unwrap();
    assert_eq!(file.stages[0].instructions[0].original, "RUN echo a  b");
    let file = parse("FROM b\nRUN echo a \\\n# comment\n  && echo b\nCMD [\"x\"]\n").unwrap();
    let [run, cmd] = &file.stages[0].instructions[..] else { panic!("two instructions") };
    assert_eq!((run.original.as_str(), run.lines), ("RUN echo a   && echo b", (2, 4)));
    assert_eq!((&cmd.kind, cmd.lines), (&Kind::Cmd(Command::Exec(vec!["x".into()])), (5, 5)));
}

#[test]
fn heredocs_are_taken_whole() {
    let file = parse("FROM b\nCOPY <<EOF /f\nhello\nEOF\nRUN cat <<A > /x && cat <<-'B'\n1\nA\n\t$2\n\tB\nRUN <<EOF\necho one\necho two\nEOF\n").unwrap();
    let [copy, run, script] = &file.stages[0].instructions[..] else { panic!("three instructions") };
    assert_eq!(copy.heredocs[0].content, "hello\n");
    assert_eq!((run.heredocs[0].content.as_str(), run.heredocs[1].content.as_str()), ("1\n", "$2\n"));
    assert!(run.heredocs[0].expand && !run.heredocs[1].expand && run.heredocs[1].chomp);
    assert_eq!(script.title(), "RUN <<EOF (echo one...)");
    assert_eq!(error("FROM b\nRUN <<EOF\nx\n"), "unterminated heredoc");
}

#[test]
fn variables_expand() {
    let env = |name: &str| match name {
        "a" => Some("1".to_string()),
        "e" => Some(String::new()),
        "p" => Some("x.tar.gz".to_string()),
        _ => None,
    };
    let expander = Expander::new('\\', &env);
    for (text, wanted) in [
        ("$a${a}b", "11b"),
        ("${u:-d}${e:-d}${e-d}", "dd"),
        ("${a:+y}${u:+y}", "y"),
        ("'$a' \"$a\" \\$a", "$a 1 $a"),
        ("${p%.*}|${p%%.*}|${p#*.}|${p/tar/t}", "x.tar|x|tar.gz|x.t.gz"),
        ("${u:-${a}}", "1"),
        ("$", "$"),
    ] {
        assert_eq!(expander.word(text).as_deref(), Ok(wanted), "{text}");
    }
    for bad in ["${", "${a", "'x", "\"x", "${a:=b}", "${u:?no}"] {
        assert!(expander.word(bad).is_err(), "{bad}");
    }
    assert_eq!(Expander::shown('\\', &env).word("echo $a \"${D:+x}\" $u").unwrap(), "echo 1 \"${D:+x}\" $u");
}

#[test]
fn dockerignore_patterns() {
    let ignore = Ignore::parse("# c\n*.md\n!README.md\nnode_modules\n**/tmp?\n/dist/*\n");
    for (path, out) in [
        ("a.md", true),
        ("README.md", false),
        ("sub/a.md", false),
        ("node_modules/x/y", true),
        ("a/b/tmp1", true),
        ("dist/x", true),
        ("dist", false),
        ("src/main.c", false),
    ] {
        assert_eq!(ignore.excludes(path), out, "{path}");
    }
}

#[test]
fn nothing_panics() {
    const PIECES: &[&str] = &[
        "FROM a",
        "\n",
        "RUN ",
        "\\\n",
        "<<E",
        "E\n",
        "${",
        "}",
        "'",
        "\"",
        "[",
        "]",
        "\\",
        "COPY a b",
        "ENV x=",
        "#",
        "é",
        "한",
        " --x=",
        "ARG ",
        "HEALTHCHECK ",
        "CMD ",
        "\u{0}",
        "# escape=`\n",
        "`\n",
        "$",
        ":-",
        "LABEL ",
        "/",
        "**",
    ];
    let mut state = 0x1234_5678_9abc_def0_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(PIECES[(state >> 33) as usize % PIECES.len()]);
        }
        let _ = parse(&text);
        let _ = Expander::new('\\', &|_| Some("v".into())).words(&text);
        let _ = Ignore::parse(&text).excludes(&text);
    }
}
