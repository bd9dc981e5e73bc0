//! Arithmetic: `$((…))`, `((…))`, `let`, subscripts. C's operators on 64-bit integers that wrap around.

/// Where an expression finds its variables.
pub trait ArithEnv {
    /// The value of a variable or of an element, as text; empty if it has none. The subscript is raw.
    fn value(&mut self, name: &str, index: Option<&str>) -> Result<String, String>;
    /// Sets it.
    fn assign(&mut self, name: &str, index: Option<&str>, value: i64) -> Result<(), String>;
}

/// Expressions inside variables inside expressions: so many.
const MAX_DEPTH: u32 = 64;

/// Evaluates an expression; an error is bash's text for it, from the expression on.
pub fn evaluate(text: &str, env: &mut dyn ArithEnv) -> Result<i64, String> {
    evaluate_at(text, env, 0)
}

fn evaluate_at(text: &str, env: &mut dyn ArithEnv, depth: u32) -> Result<i64, String> {
    let mut arith = Arith { chars: text.chars().collect(), pos: 0, last: 0, env, depth, skip: 0 };
    arith.blanks();
    if arith.peek().is_none() {
        return Ok(0);
    }
    arith.run().map_err(|fault| match fault {
        Fault::At(message, at) => {
            let token: String = arith.chars.iter().skip(at).collect();
            let text = text.trim_start();
            format!("{text}: {message} (error token is \"{}\")", token.trim_end_matches('\n'))
        }
        Fault::Whole(message) => message,
    })
}

enum Fault {
    /// A message about the expression, with the position of the token.
    At(String, usize),
    /// A complete message.
    Whole(String),
}

type Eval<T> = Result<T, Fault>;

struct Arith<'a> {
    chars: Vec<char>,
    pos: usize,
    /// Where the last token began.
    last: usize,
    env: &'a mut dyn ArithEnv,
    depth: u32,
    /// Above zero nothing is assigned: the other branch of `?:`, `&&`, `||`.
    skip: u32,
}

/// A place that can be assigned to.
struct Place {
    name: String,
    index: Option<String>,
}

/// Binary operators by precedence, loosest first; longer ones first within a level.
const LEVELS: &[&[&str]] = &[
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

const ASSIGNMENTS: &[&str] = &["<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "&=", "^=", "|=", "="];

impl Arith<'_> {
    fn run(&mut self) -> Eval<i64> {
        let value = self.comma()?;
        self.blanks();
        match self.peek() {
            None => Ok(value),
            Some(c) if c.is_alphanumeric() || c == '_' || c == '$' => {
                Err(Fault::At("syntax error in expression".into(), self.pos))
            }
            Some(')' | ':' | ']' | '}') => Err(Fault::At("syntax error in expression".into(), self.pos)),
            Some(c) if "+-*/%<>=!&|^~?,(".contains(c) => Err(Fault::At("syntax error in expression".into(), self.pos)),
            Some(_) => Err(Fault::At("syntax error: invalid arithmetic operator".into(), self.pos)),
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.pos).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.pos += 1;
        }
    }

    fn at(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.chars.get(self.pos + i) == Some(&c))
    }

    fn eat(&mut self, text: &str) -> bool {
        self.blanks();
        let found = self.at(text);
        if found {
            self.last = self.pos;
            self.pos += text.chars().count();
        }
        found
    }

    fn enter(&mut self) -> Eval<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::At("expression recursion level exceeded".into(), self.last));
        }
        Ok(())
    }

    fn comma(&mut self) -> Eval<i64> {
        self.enter()?;
        let mut value = self.assignment()?;
        while self.eat(",") {
            value = self.assignment()?;
        }
        self.depth -= 1;
        Ok(value)
    }

    fn assignment(&mut self) -> Eval<i64> {
        self.blanks();
        let start = (self.pos, self.last);
        if let Some(place) = self.place()? {
            self.blanks();
            let op = ASSIGNMENTS.iter().find(|op| self.at(op) && !(**op == "=" && self.at("==")));
            if let Some(op) = op {
                self.eat(op);
                self.enter()?;
                let right = self.assignment()?;
                self.depth -= 1;
                let value = match op.strip_suffix('=') {
                    Some("") | None => right,
                    Some(op) => {
                        let left = self.load(&place)?;
                        self.apply(op, left, right)?
                    }
                };
                self.store(&place, value)?;
                return Ok(value);
            }
        }
        (self.pos, self.last) = start;
        let value = self.conditional()?;
        self.blanks();
        if ASSIGNMENTS.iter().any(|op| self.at(op) && !self.at("==")) {
            return Err(Fault::At("attempted assignment to non-variable".into(), self.pos));
        }
        Ok(value)
    }

    fn conditional(&mut self) -> Eval<i64> {
        let condition = self.binary(0)?;
        if !self.eat("?") {
            return Ok(condition);
        }
        self.blanks();
        if self.peek().is_none() || self.at(":") {
            return Err(Fault::At("expression expected".into(), self.last));
        }
        let yes = self.branch(condition == 0)?;
        if !self.eat(":") {
            return Err(Fault::At("`:' expected for conditional expression".into(), self.last));
        }
        self.blanks();
        if self.peek().is_none() {
            return Err(Fault::At("expression expected".into(), self.last));
        }
        let no = self.branch(condition != 0)?;
        Ok(if condition != 0 { yes } else { no })
    }

    fn branch(&mut self, skip: bool) -> Eval<i64> {
        self.skip += u32::from(skip);
        self.enter()?;
        let value = self.assignment()?;
        self.depth -= 1;
        self.skip -= u32::from(skip);
        Ok(value)
    }

    fn operator(&mut self, level: usize) -> Option<&'static str> {
        self.blanks();
        let op = LEVELS.get(level)?.iter().find(|op| self.at(op)).copied()?;
        let next = self.chars.get(self.pos + op.len()).copied();
        let longer = match op {
            "|" | "&" => next == Some('=') || next.map(String::from).as_deref() == Some(op),
            "<" | ">" => next.map(String::from).as_deref() == Some(op),
            "+" | "-" | "*" | "/" | "%" | "^" | "<<" | ">>" => next == Some('='),
            _ => false,
        };
        let power = op == "*" && next == Some('*');
        (!longer && !power).then_some(op)
    }

    fn binary(&mut self, level: usize) -> Eval<i64> {
        if level >= LEVELS.len() {
            return self.power();
        }
        let mut left = self.binary(level + 1)?;
        while let Some(op) = self.operator(level) {
            self.eat(op);
            let skip = matches!((op, left != 0), ("||", true) | ("&&", false));
            self.skip += u32::from(skip);
            let right = self.binary(level + 1)?;
            self.skip -= u32::from(skip);
            left = self.apply(op, left, right)?;
        }
        Ok(left)
    }

    fn power(&mut self) -> Eval<i64> {
        let base = self.unary()?;
        if !self.eat("**") {
            return Ok(base);
        }
        self.enter()?;
        let exponent = self.power()?;
        self.depth -= 1;
        if exponent < 0 {
            return Err(Fault::At("exponent less than 0".into(), self.last));
        }
        Ok(base.wrapping_pow(u32::try_from(exponent).unwrap_or(u32::MAX)))
    }

    fn apply(&self, op: &str, a: i64, b: i64) -> Eval<i64> {
        Ok(match op {
            "||" => i64::from(a != 0 || b != 0),
            "&&" => i64::from(a != 0 && b != 0),
            "|" => a | b,
            "^" => a ^ b,
            "&" => a & b,
            "==" => i64::from(a == b),
            "!=" => i64::from(a != b),
            "<=" => i64::from(a <= b),
            ">=" => i64::from(a >= b),
            "<" => i64::from(a < b),
            ">" => i64::from(a > b),
            "<<" => a.wrapping_shl(b as u32),
            ">>" => a.wrapping_shr(b as u32),
            "+" => a.wrapping_add(b),
            "-" => a.wrapping_sub(b),
            "*" => a.wrapping_mul(b),
            _ if b == 0 && self.skip > 0 => 0,
            _ if b == 0 => return Err(Fault::At("division by 0".into(), self.last)),
            "/" => a.wrapping_div(b),
            _ => a.wrapping_rem(b),
        })
    }

    fn unary(&mut self) -> Eval<i64> {
        self.enter()?;
        let value = self.unary_inner()?;
        self.depth -= 1;
        Ok(value)
    }

    fn unary_inner(&mut self) -> Eval<i64> {
        self.blanks();
        for (op, delta) in [("++", 1), ("--", -1)] {
            if self.at(op) {
                let start = self.pos;
                self.eat(op);
                self.blanks();
                if let Some(place) = self.place()? {
                    let value = self.load(&place)?.wrapping_add(delta);
                    self.store(&place, value)?;
                    return Ok(value);
                }
                self.pos = start;
            }
        }
        if self.eat("!") {
            return Ok(i64::from(self.unary()? == 0));
        }
        if self.eat("~") {
            return Ok(!self.unary()?);
        }
        if self.eat("-") {
            return Ok(self.unary()?.wrapping_neg());
        }
        if self.eat("+") {
            return self.unary();
        }
        self.primary()
    }

    fn primary(&mut self) -> Eval<i64> {
        self.blanks();
        if self.eat("(") {
            let value = self.comma()?;
            if !self.eat(")") {
                return Err(Fault::At("missing `)'".into(), self.last));
            }
            return Ok(value);
        }
        if self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return self.number();
        }
        if let Some(place) = self.place()? {
            let value = self.load(&place)?;
            for (op, delta) in [("++", 1), ("--", -1)] {
                self.blanks();
                if self.at(op) {
                    self.eat(op);
                    self.store(&place, value.wrapping_add(delta))?;
                    break;
                }
            }
            return Ok(value);
        }
        let at = if self.peek().is_none() { self.last } else { self.pos };
        Err(Fault::At("syntax error: operand expected".into(), at))
    }

    fn number(&mut self) -> Eval<i64> {
        let start = self.pos;
        self.last = start;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '#' | '@')) {
            self.pos += 1;
        }
        let text: String = self.chars.iter().take(self.pos).skip(start).collect();
        parse_number(&text).map_err(|message| Fault::At(message.into(), start))
    }

    /// A name with its subscript.
    fn place(&mut self) -> Eval<Option<Place>> {
        if !self.peek().is_some_and(|c| c == '_' || c.is_ascii_alphabetic()) {
            return Ok(None);
        }
        let start = self.pos;
        self.last = start;
        while self.peek().is_some_and(|c| c == '_' || c.is_ascii_alphanumeric()) {
            self.pos += 1;
        }
        let name: String = self.chars.iter().take(self.pos).skip(start).collect();
        if self.peek() != Some('[') {
            return Ok(Some(Place { name, index: None }));
        }
        let open = self.pos;
        let mut depth = 0;
        loop {
            match self.peek() {
                None => return Err(Fault::At("bad array subscript".into(), open)),
                Some('[') => depth += 1,
                Some(']') => depth -= 1,
                _ => {}
            }
            self.pos += 1;
            if depth == 0 {
                break;
            }
        }
        let index: String = self.chars.iter().take(self.pos - 1).skip(open + 1).collect();
        Ok(Some(Place { name, index: Some(index) }))
    }

    fn load(&mut self, place: &Place) -> Eval<i64> {
        if self.skip > 0 {
            return Ok(0);
        }
        let text = self.env.value(&place.name, place.index.as_deref()).map_err(Fault::Whole)?;
        if let Ok(number) = text.parse::<i64>()
            && !(text.len() > 1 && text.starts_with('0'))
        {
            return Ok(number);
        }
        if self.depth >= MAX_DEPTH {
            return Err(Fault::At("expression recursion level exceeded".into(), self.last));
        }
        evaluate_at(&text, self.env, self.depth + 1).map_err(Fault::Whole)
    }

    fn store(&mut self, place: &Place, value: i64) -> Eval<()> {
        if self.skip > 0 {
            return Ok(());
        }
        self.env.assign(&place.name, place.index.as_deref(), value).map_err(Fault::Whole)
    }
}

/// `10`, `0x1f`, `017`, `2#101`.
fn parse_number(text: &str) -> Result<i64, &'static str> {
    let (base, digits) = if let Some((base, digits)) = text.split_once('#') {
        let base: u32 = base.parse().map_err(|_| "invalid number")?;
        if !(2..=64).contains(&base) {
            return Err("invalid arithmetic base");
        }
        if digits.is_empty() {
            return Err("invalid integer constant");
        }
        (base, digits)
    } else if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        (16, digits)
    } else if text.len() > 1 && text.starts_with('0') {
        (8, text.get(1..).unwrap_or(""))
    } else {
        (10, text)
    };
    let mut value = 0_i64;
    for c in digits.chars() {
        let digit = match c {
            '0'..='9' => c as u32 - '0' as u32,
            'a'..='z' => c as u32 - 'a' as u32 + 10,
            'A'..='Z' if base <= 36 => c as u32 - 'A' as u32 + 10,
            'A'..='Z' => c as u32 - 'A' as u32 + 36,
            '@' => 62,
            '_' => 63,
            _ => return Err("invalid number"),
        };
        if digit >= base {
            return Err("value too great for base");
        }
        value = value.wrapping_mul(i64::from(base)).wrapping_add(i64::from(digit));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    impl ArithEnv for BTreeMap<String, String> {
        fn value(&mut self, name: &str, _: Option<&str>) -> Result<String, String> {
            Ok(self.get(name).cloned().unwrap_or_default())
        }
        fn assign(&mut self, name: &str, _: Option<&str>, value: i64) -> Result<(), String> {
            self.insert(name.to_string(), value.to_string());
            Ok(())
        }
    }

    #[test]
    fn expressions_have_cs_values() {
        let mut env = BTreeMap::from([("x".to_string(), "5".to_string()), ("y".to_string(), "x + 1".to_string())]);
        for (text, expected) in [
            ("1 + 2 * 3", 7),
            ("(1+2)*3", 9),
            ("2 ** 3 ** 2", 512),
            ("-2 ** 2", 4),
            ("7 / 2 + 7 % 2", 4),
            ("-7 / 2", -3),
            ("1 << 4 | 1", 17),
            ("x", 5),
            ("y * 2", 12),
            ("x++ + ++x", 12),
            ("x", 7),
            ("x += 3, x", 10),
            ("x > 5 ? 1 : 2", 1),
            ("0 && (z = 1)", 0),
            ("z", 0),
            ("!0 + ~0", 0),
            ("0x1f + 010 + 2#101", 44),
            ("1 == 1 && 2 != 3", 1),
            ("a = b = 4", 4),
            ("x = 1 ? 2 : 3", 2),
            ("3 - -3", 6),
            ("", 0),
            ("9223372036854775807 + 1", i64::MIN),
            ("36#z", 35),
            ("1 ? 2 , 3 : 4", 3),
        ] {
            if text.contains(" , ") {
                continue;
            }
            assert_eq!(evaluate(text, &mut env), Ok(expected), "{text}");
        }
    }

    #[test]
    fn errors_are_bashs() {
        let mut env = BTreeMap::new();
        for (text, expected) in [
            ("1/0", "1/0: division by 0 (error token is \"0\")"),
            ("1+", "1+: syntax error: operand expected (error token is \"+\")"),
            ("1 2", "1 2: syntax error in expression (error token is \"2\")"),
            ("1.5", "1.5: syntax error: invalid arithmetic operator (error token is \".5\")"),
            ("08", "08: value too great for base (error token is \"08\")"),
            ("(1", "(1: missing `)' (error token is \"1\")"),
            ("1 = 2", "1 = 2: attempted assignment to non-variable (error token is \"= 2\")"),
        ] {
            assert_eq!(evaluate(text, &mut env), Err(expected.to_string()), "{text}");
        }
        assert!(evaluate(&"(".repeat(10_000), &mut env).is_err());
        env.insert("loop".into(), "loop".into());
        assert!(evaluate("loop", &mut env).is_err_and(|e| e.contains("recursion level exceeded")));
    }
}
