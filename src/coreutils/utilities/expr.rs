//! `expr`: arithmetic and patterns in arguments.

use machine::ExitCode;

use crate::context::Context;
use crate::regex::{Regex, Syntax};

const USAGE: &str = "\
Usage: expr EXPRESSION
  or:  expr OPTION

      --help        display this help and exit
      --version     output version information and exit

Print the value of EXPRESSION to standard output.
";

/// Deepest nesting of parentheses.
const DEEPEST: usize = 100;

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let mut args = cx.args.clone();
    if args.len() == 1 && args[0] == "--help" {
        cx.put(USAGE.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if args.first().is_some_and(|a| a == "--") {
        args.remove(0);
    }
    if args.is_empty() {
        cx.usage_error("missing operand").await;
        return ExitCode(2);
    }
    let mut reader = Reader { cx, args: &args, at: 0, depth: 0, words: 0 };
    let result = reader.either().and_then(|value| match args.get(reader.at) {
        Some(extra) => Err(format!("syntax error: unexpected argument {}", reader.cx.quote(extra))),
        None => Ok(value),
    });
    match result {
        Ok(value) => {
            cx.line(&value).await;
            ExitCode(u8::from(is_null(&value)))
        }
        Err(text) => {
            cx.error(text).await;
            ExitCode(2)
        }
    }
}

/// Empty or zero.
fn is_null(value: &str) -> bool {
    value.is_empty() || value.parse::<i128>() == Ok(0)
}

struct Reader<'a> {
    cx: &'a Context,
    args: &'a [String],
    at: usize,
    depth: usize,
    /// Functions so far.
    words: usize,
}

type Value = Result<String, String>;

impl Reader<'_> {
    fn accept<'o>(&mut self, operators: &[&'o str]) -> Option<&'o str> {
        let word = self.args.get(self.at)?;
        let found = operators.iter().find(|o| *o == word).copied();
        self.at += usize::from(found.is_some());
        found
    }

    fn either(&mut self) -> Value {
        let mut value = self.both()?;
        while self.accept(&["|"]).is_some() {
            let right = self.both()?;
            if is_null(&value) {
                value = if is_null(&right) { "0".into() } else { right };
            }
        }
        Ok(value)
    }

    fn both(&mut self) -> Value {
        let mut value = self.comparison()?;
        while self.accept(&["&"]).is_some() {
            let right = self.comparison()?;
            if is_null(&value) || is_null(&right) {
                value = "0".into();
            }
        }
        Ok(value)
    }

    fn comparison(&mut self) -> Value {
        let mut left = self.sum()?;
        while let Some(operator) = self.accept(&["<=", ">=", "!=", "==", "=", "<", ">"]) {
            let right = self.sum()?;
            let order = match (left.parse::<i128>(), right.parse::<i128>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                _ => left.cmp(&right),
            };
            let holds = match operator {
                "<=" => order.is_le(),
                ">=" => order.is_ge(),
                "!=" => order.is_ne(),
                "<" => order.is_lt(),
                ">" => order.is_gt(),
                _ => order.is_eq(),
            };
            left = u8::from(holds).to_string();
        }
        Ok(left)
    }

    fn sum(&mut self) -> Value {
        let mut left = self.product()?;
        while let Some(operator) = self.accept(&["+", "-"]) {
            let right = self.product()?;
            let (a, b) = (number(&left)?, number(&right)?);
            let value = if operator == "+" { a.checked_add(b) } else { a.checked_sub(b) };
            left = value.ok_or("Numerical result out of range")?.to_string();
        }
        Ok(left)
    }

    fn product(&mut self) -> Value {
        let mut left = self.pattern()?;
        while let Some(operator) = self.accept(&["*", "/", "%"]) {
            let right = self.pattern()?;
            let (a, b) = (number(&left)?, number(&right)?);
            if b == 0 && operator != "*" {
                return Err("division by zero".into());
            }
            let value = match operator {
                "*" => a.checked_mul(b),
                "/" => a.checked_div(b),
                _ => a.checked_rem(b),
            };
            left = value.ok_or("Numerical result out of range")?.to_string();
        }
        Ok(left)
    }

    fn pattern(&mut self) -> Value {
        let mut left = self.primary()?;
        while self.accept(&[":"]).is_some() {
            let right = self.primary()?;
            left = matched(&left, &right)?;
        }
        Ok(left)
    }

    fn primary(&mut self) -> Value {
        let missing = |reader: &Self| {
            let last = reader.args.get(reader.at.wrapping_sub(1)).map_or("", |a| a);
            format!("syntax error: missing argument after {}", reader.cx.quote(last))
        };
        let Some(word) = self.args.get(self.at) else { return Err(missing(self)) };
        self.at += 1;
        if matches!(&**word, "length" | "match" | "index" | "substr") {
            self.words += 1;
            if self.words > DEEPEST {
                return Err("syntax error: too many functions".into());
            }
        }
        let more = self.at < self.args.len();
        match &**word {
            "(" => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err("syntax error: too many parentheses".into());
                }
                let value = self.either()?;
                self.depth -= 1;
                match self.accept(&[")"]) {
                    Some(_) => Ok(value),
                    None => Err(format!(
                        "syntax error: expecting ')' after {}",
                        self.cx.quote(self.args.get(self.at.wrapping_sub(1)).map_or("", |a| a))
                    )),
                }
            }
            ")" => Err("syntax error: unexpected ')'".into()),
            "length" if more => Ok(self.primary()?.chars().count().to_string()),
            "match" if more => {
                let text = self.primary()?;
                let pattern = self.primary()?;
                matched(&text, &pattern)
            }
            "index" if more => {
                let (text, set) = (self.primary()?, self.primary()?);
                Ok(text.chars().position(|c| set.contains(c)).map_or(0, |at| at + 1).to_string())
            }
            "substr" if more => {
                let (text, from, length) = (self.primary()?, self.primary()?, self.primary()?);
                let (Ok(from @ 1..), Ok(length)) = (from.parse::<usize>(), length.parse::<usize>()) else {
                    return Ok(String::new());
                };
                Ok(text.chars().skip(from - 1).take(length).collect())
            }
            "+" if more => {
                self.at += 1;
                Ok(self.args[self.at - 1].clone())
            }
            word => Ok(word.to_string()),
        }
    }
}

fn number(text: &str) -> Result<i128, String> {
    text.parse().map_err(|_| "non-integer argument".to_string())
}

/// `text : pattern`: the first group, or how many characters match from the start.
fn matched(text: &str, pattern: &str) -> Value {
    let regex = Regex::new(&format!("^{}", pattern.strip_prefix('^').unwrap_or(pattern)), Syntax::default())
        .map_err(str::to_string)?;
    let captures = regex.find_at(text, 0);
    Ok(match (regex.groups() > 0, captures) {
        (true, Some(captures)) => captures[1].map_or(String::new(), |(from, to)| text[from..to].to_string()),
        (true, None) => String::new(),
        (false, Some(captures)) => captures[0].map_or(0, |(from, to)| text[from..to].chars().count()).to_string(),
        (false, None) => "0".into(),
    })
}
