//! What parses, what does not, and the words of the errors (as bash 5.2.15 gives them).

use super::ast::{AndOr, Command};
use super::{Options, Parser, SyntaxError, print};

fn parse_all(src: &str) -> Result<Vec<std::rc::Rc<AndOr>>, SyntaxError> {
    let mut parser = Parser::new(src, Options { extglob: true, ..Options::default() });
    let mut all = Vec::new();
    while let Some(list) = parser.next_line()? {
        all.extend(list.iter().cloned());
    }
    Ok(all)
}

fn error(src: &str) -> (u32, String) {
    match parse_all(src) {
        Ok(tree) => panic!("{src:?} parsed: {tree:?}"),
        Err(error) => (error.line(), error.bash().join("|")),
    }
}

#[test]
fn constructs_parse_and_print_back() {
    for src in [
        "sleep 1 | cat -n",
        "a && b || ! c",
        "x=1 y+=2 cmd > out 2>&1 < in",
        "cat <<< \"a b\" 3>&- {fd}> f &> both",
        "while true; do sleep 1; done",
        "( a; b ) | { c; d; }",
        "(( x + 1 )) && [[ -f a && ( b == c* || ! $d =~ ^(a|b)+$ ) ]]",
        "echo $(ls $(pwd)) `date` $((1 + (2))) ${x:-a b} ${y//a/b} \"${z[@]}\" $'a\\n'",
        "a=(1 [3]=x \"y z\") b[1]=2",
        "declare -A m=([a]=1 [b c]=2)",
        "echo !(a|b) @(x) a{b,c}d ~/x",
        "diff <(a) <(b)",
        "time -p ls",
        "echo $(case a in a) echo x;; esac)",
    ] {
        let tree = parse_all(src).unwrap_or_else(|e| panic!("{src}: {e:?}"));
        let shown: Vec<String> = tree.iter().map(|item| print::and_or(item)).collect();
        let again = parse_all(&shown.join("; ")).unwrap_or_else(|e| panic!("{shown:?}: {e:?}"));
        let shown_again: Vec<String> = again.iter().map(|item| print::and_or(item)).collect();
        assert_eq!(shown, shown_again, "{src}");
    }
    let tree = parse_all("sleep 1|cat   -n 2>&1 &").expect("parses");
    assert_eq!(tree.iter().map(|item| print::and_or(item)).collect::<Vec<_>>(), ["sleep 1 | cat -n 2>&1"]);
}

#[test]
fn larger_constructs_parse() {
    for src in [
        "if a; then b; elif c; then d; else e; fi",
        "for i in 1 2 3\ndo\n echo $i\ndone",
        "for i; do :; done",
        "for ((i = 0; i < 3; i++)); do echo $i; done",
        "for ((;;)) { break; }",
        "select x in a b; do break; done",
        "case $x in (a|b) c ;; d) ;& *) e ;;& esac",
        "case x in\na)\n;;\nesac",
        "f() { echo; }; function g { :; } ; function h() ( : )",
        "cat <<A <<-'B'\n$x\nA\n\t$y\n\tB\necho after",
        "a=$(cat <<E\nx)\nE\n)",
        "until false; do :; done 2>/dev/null | cat",
        "echo a # comment\n# another\n\necho b",
        "a \\\n  b",
        "[[ a < b ]] && [[ ! -z $x || -n y ]]",
        "{ a; } > f; ( b ) < g",
        "echo ${x#*'}'} ${#x} ${!y} ${!p*} ${!a[@]} ${#a[*]} ${x:1:2} ${x: -1} ${x^^} ${x@Q} ${#} ${##} ${?}",
        "echo \"$(echo \"nested $(echo \"x\")\")\"",
        "echo a;\n",
        "coproc cat",
    ] {
        parse_all(src).unwrap_or_else(|e| panic!("{src}: {e:?}"));
    }
}

#[test]
fn errors_are_worded_as_bash_words_them() {
    for (src, line, text) in [
        ("echo )", 1, "syntax error near unexpected token `)'"),
        ("echo \"abc", 1, "unexpected EOF while looking for matching `\"'"),
        ("if true", 2, "syntax error: unexpected end of file"),
        ("echo a\nif true; then\necho (", 3, "syntax error near unexpected token `newline'"),
        ("for x in a; do echo; fi", 1, "syntax error near unexpected token `fi'"),
        ("echo $(foo", 2, "unexpected EOF while looking for matching `)'"),
        ("echo ${foo", 1, "unexpected EOF while looking for matching `}'"),
        ("echo `foo", 1, "unexpected EOF while looking for matching ``'"),
        ("case x in", 2, "syntax error: unexpected end of file"),
        ("f()", 2, "syntax error: unexpected end of file"),
        ("a=(1 2", 1, "unexpected EOF while looking for matching `)'"),
        ("echo a &&", 2, "syntax error: unexpected end of file"),
        ("| a", 1, "syntax error near unexpected token `|'"),
        (";;", 1, "syntax error near unexpected token `;;'"),
        ("echo a; }", 1, "syntax error near unexpected token `}'"),
        ("done", 1, "syntax error near unexpected token `done'"),
        ("()", 1, "syntax error near unexpected token `)'"),
        ("a()b", 1, "syntax error near unexpected token `b'"),
        ("for", 1, "syntax error near unexpected token `newline'"),
        ("f(x)", 1, "syntax error near unexpected token `x'"),
        ("echo >", 1, "syntax error near unexpected token `newline'"),
        ("if ;", 1, "syntax error near unexpected token `;'"),
        ("a=(1 (2))", 1, "syntax error near unexpected token `('"),
        ("if x; then y; else z; then", 1, "syntax error near unexpected token `then'"),
        ("echo a & & b", 1, "syntax error near unexpected token `&'"),
        ("echo $( ( )", 1, "syntax error near unexpected token `)'"),
        ("((1+", 1, "unexpected EOF while looking for matching `)'"),
    ] {
        assert_eq!(error(src), (line, text.to_string()), "{src}");
    }
}

#[test]
fn aliases_are_replaced_in_command_position() {
    let aliases = std::collections::BTreeMap::from([
        ("ll".to_string(), "ls -l".to_string()),
        ("ls".to_string(), "ls --color".to_string()),
        ("sudo".to_string(), "sudo ".to_string()),
    ]);
    let options = Options { aliases: Some(&aliases), ..Options::default() };
    let mut parser = Parser::new("ll a; echo ll; sudo ll && ls", options);
    let list = parser.next_line().expect("parses").expect("a line");
    let shown: Vec<String> = list.iter().map(|item| print::and_or(item)).collect();
    assert_eq!(shown, ["ls --color -l a", "echo ll", "sudo ls --color -l && ls --color"]);
}

#[test]
fn functions_print_as_declare_f_does() {
    let tree = parse_all("f() { if a; then b; fi; echo x; }").expect("parses");
    let Some(Command::Function(function)) = tree.first().and_then(|i| i.first.commands.first()).map(|c| &**c) else {
        panic!("no function");
    };
    assert_eq!(print::function(function), "f () \n{ \n    if a; then\n        b;\n    fi;\n    echo x\n}");
}

#[test]
fn deep_nesting_is_refused() {
    for open in ["(", "{ ", "if ", "$(", "\"$(", "${a:-", "while "] {
        let src = open.repeat(5000);
        assert!(parse_all(&src).is_err());
    }
}
