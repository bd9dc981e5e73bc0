//! What asks for more than there is: it ends in an error or short, and the shell goes on.

use super::harness::run;

fn check(script: &str, expected: &str) {
    let (output, _) = run("bash", &["-c", script]);
    assert_eq!(output.trim_end(), expected, "{script}");
}

#[test]
fn endless_widths_and_words_do_not_end_the_machine() {
    check("x=$(printf '%.999999f' 1); (( ${#x} > 50000 )) && echo long", "long");
    check("x=$(printf '%1000000s' y); echo ${#x}", "1000000");
    check("x=$(printf '%070000d' 1); eval \"y=({$x..3})\"; echo ${#y[@]}", "3");
    check(
        "echo {1..999999999}",
        "bash: line 1: brace expansion: failed to allocate memory for 999999999 elements\n{1..999999999}",
    );
    check(
        "x=$(printf '%10000s' y); y=${x// /$x}; z=${y// /$x}; echo ${#z}",
        "bash: line 1: xrealloc: cannot allocate memory",
    );
}
