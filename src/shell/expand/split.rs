//! Word splitting by `IFS`.

use super::{Field, Kind, Piece};

/// The state of splitting one word.
struct Splitter<'a> {
    ifs: &'a str,
    done: Vec<Field>,
    field: Field,
    /// There is something in the field, be it an empty quoted string.
    present: bool,
    /// The last field ended at a blank: one other separator behind it belongs to the same gap.
    after_blank: bool,
}

/// Splits the fields of one word where expansions brought separators in; drops what became empty.
pub fn split(fields: Vec<Field>, ifs: &str) -> Vec<Field> {
    let mut splitter = Splitter { ifs, done: Vec::new(), field: Field::new(), present: false, after_blank: false };
    for field in fields {
        for piece in field {
            match piece.kind {
                Kind::Expanded => splitter.expanded(&piece.text),
                Kind::Quoted => splitter.keep(piece),
                Kind::Literal if piece.text.is_empty() => {}
                Kind::Literal => splitter.keep(piece),
            }
        }
        splitter.end_if_present();
        splitter.after_blank = false;
    }
    splitter.done
}

impl Splitter<'_> {
    fn keep(&mut self, piece: Piece) {
        self.field.push(piece);
        self.present = true;
        self.after_blank = false;
    }

    fn end(&mut self) {
        self.done.push(std::mem::take(&mut self.field));
        self.present = false;
    }

    fn end_if_present(&mut self) {
        if self.present {
            self.end();
        }
    }

    fn expanded(&mut self, text: &str) {
        let mut run = String::new();
        for c in text.chars() {
            if !self.ifs.contains(c) {
                run.push(c);
                continue;
            }
            self.flush(&mut run);
            if matches!(c, ' ' | '\t' | '\n') {
                if self.present {
                    self.end();
                    self.after_blank = true;
                }
            } else if self.present {
                self.end();
                self.after_blank = false;
            } else if self.after_blank {
                self.after_blank = false;
            } else {
                self.end();
            }
        }
        self.flush(&mut run);
    }

    fn flush(&mut self, run: &mut String) {
        if !run.is_empty() {
            self.keep(Piece { kind: Kind::Expanded, text: std::mem::take(run) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str, ifs: &str) -> Vec<String> {
        let piece = Piece { kind: Kind::Expanded, text: text.to_string() };
        split(vec![vec![piece]], ifs).iter().map(super::super::text_of).collect()
    }

    #[test]
    fn blanks_collapse_and_other_separators_do_not() {
        assert_eq!(fields("  a  b ", " \t\n"), ["a", "b"]);
        assert_eq!(fields("a:b::c:", ":"), ["a", "b", "", "c"]);
        assert_eq!(fields(":a", ":"), ["", "a"]);
        assert_eq!(fields("a : b", " :"), ["a", "b"]);
        assert_eq!(fields("a b", ""), ["a b"]);
        assert_eq!(fields("", " "), Vec::<String>::new());
    }

    #[test]
    fn quoted_text_does_not_split() {
        let field =
            vec![Piece { kind: Kind::Quoted, text: "a b".into() }, Piece { kind: Kind::Expanded, text: "c d".into() }];
        let shown: Vec<String> = split(vec![field], " ").iter().map(super::super::text_of).collect();
        assert_eq!(shown, ["a bc", "d"]);
    }
}
