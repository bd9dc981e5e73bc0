//! Error replies that name the command.

/// `ERR unknown command …`, as Redis words it, with the first arguments.
pub fn unknown_command(argv: &[&[u8]]) -> Vec<u8> {
    let mut text = b"ERR unknown command '".to_vec();
    let name = argv.first().copied().unwrap_or_default();
    text.extend_from_slice(&name[..name.len().min(128)]);
    text.push(b'\'');
    if argv.len() > 1 {
        text.extend_from_slice(b", with args beginning with: ");
    }
    let mut listed = 0;
    for arg in argv.iter().skip(1) {
        if listed >= 128 {
            break;
        }
        let part = &arg[..arg.len().min(128 - listed)];
        listed += part.len() + 3;
        text.push(b'\'');
        text.extend_from_slice(part);
        text.extend_from_slice(b"' ");
    }
    text
}

/// `ERR unknown subcommand …`.
pub fn unknown_subcommand(container: &str, given: &[u8]) -> Vec<u8> {
    let mut text = b"ERR unknown subcommand '".to_vec();
    let given = until_nul(given);
    text.extend_from_slice(&given[..given.len().min(128)]);
    text.extend_from_slice(format!("'. Try {} HELP.", container.to_ascii_uppercase()).as_bytes());
    text
}

/// `ERR unknown subcommand or wrong number of arguments …`.
pub fn subcommand_syntax(argv: &[&[u8]]) -> Vec<u8> {
    let word = |n: usize| until_nul(argv.get(n).copied().unwrap_or_default());
    let mut text = b"ERR unknown subcommand or wrong number of arguments for '".to_vec();
    text.extend_from_slice(&word(1)[..word(1).len().min(128)]);
    text.extend_from_slice(b"'. Try ");
    text.extend_from_slice(&word(0).to_ascii_uppercase());
    text.extend_from_slice(b" HELP.");
    text
}

/// `ERR wrong number of arguments …`.
pub fn arity(full_name: &str) -> String {
    format!("ERR wrong number of arguments for '{full_name}' command")
}

/// `ERR Unknown node …`.
pub fn unknown_node(name: &str) -> String {
    format!("ERR Unknown node {}", name.split('\0').next().unwrap_or_default())
}

/// What an error shows of a word where Redis formats it with `%s`: up to the first zero byte.
pub fn until_nul(word: &[u8]) -> &[u8] {
    word.split(|byte| *byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_commands_are_told_with_what_was_given() {
        assert_eq!(unknown_command(&[b"nosuch"]), b"ERR unknown command 'nosuch'");
        assert_eq!(
            unknown_command(&[b"nosuch", b"a", b""]),
            b"ERR unknown command 'nosuch', with args beginning with: 'a' '' "
        );
    }
}
