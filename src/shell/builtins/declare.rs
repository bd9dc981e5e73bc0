//! `declare` and `typeset`

use std::collections::BTreeMap;

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};
use crate::syntax::{Parser, is_name, print};
use crate::text::double_quote;
use crate::vars::{Value, Var};

pub const BUILTIN: Builtin = builtin!(
    "declare",
    "declare [-aAfFgiIlnrtux] [name[=value] ...] or declare -p [-aAfFilnrtux] [name ...]",
    "Set variable values and attributes.",
    false,
    Bash,
    run
);

pub const TYPESET: Builtin = builtin!(
    "typeset",
    "typeset [-aAfFgiIlnrtux] name[=value] ... or typeset -p [-aAfFilnrtux] [name ...]",
    "Set variable values and attributes.",
    false,
    Bash,
    run
);

/// Attributes to set (`-x`) and to clear (`+x`).
#[derive(Default, Clone)]
pub struct Attributes {
    pub on: String,
    pub off: String,
}

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let local = shell.in_function();
    declare(shell, name, args, local).await
}

/// `declare`; `local` where it is called so, or stands in a function.
pub async fn declare(shell: &mut Shell, name: &str, args: &[String], local: bool) -> Eval {
    let mut attributes = Attributes::default();
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        let (on, letters) = match (arg.strip_prefix('-'), arg.strip_prefix('+')) {
            (Some(letters), _) if !letters.is_empty() => (true, letters),
            (_, Some(letters)) if !letters.is_empty() => (false, letters),
            _ => break,
        };
        at += 1;
        if arg == "--" {
            break;
        }
        for letter in letters.chars() {
            if !"aAfFgiIlnprtux".contains(letter) {
                return Ok(shell.bad_option(name, &format!("{}{letter}", if on { '-' } else { '+' })).await);
            }
            if on { attributes.on.push(letter) } else { attributes.off.push(letter) }
        }
    }
    let operands = args.get(at..).unwrap_or(&[]);
    if attributes.on.contains(['f', 'F']) {
        return functions(shell, name, operands, attributes.on.contains('F')).await;
    }
    if attributes.on.contains('p') || operands.is_empty() {
        return show(shell, name, operands, &attributes.on, local && name == "local").await;
    }
    let local = local && !attributes.on.contains('g');
    let mut status = 0;
    for (i, operand) in operands.iter().enumerate() {
        // Arguments count the builtin's name too.
        let elements = shell.array_arguments.remove(&(at + i + 1));
        if let Err(message) = one(shell, operand, elements, &attributes, local) {
            shell.builtin_error(name, message).await;
            status = 1;
        }
    }
    Ok(status)
}

/// Declares one variable.
pub fn one(
    shell: &mut Shell,
    operand: &str,
    elements: Option<Vec<crate::expand::array::Element>>,
    attributes: &Attributes,
    local: bool,
) -> Result<(), String> {
    let (target, value) = match operand.split_once('=') {
        Some((target, value)) => (target, Some(value)),
        None => (operand, None),
    };
    let (target, append) = match target.strip_suffix('+') {
        Some(target) if value.is_some() => (target, true),
        _ => (target, false),
    };
    let (name, index) = match target.split_once('[').and_then(|(name, index)| Some((name, index.strip_suffix(']')?))) {
        Some((name, index)) => (name, Some(index)),
        None => (target, None),
    };
    if !is_name(name) {
        return Err(format!("`{operand}': not a valid identifier"));
    }
    if local {
        shell.vars.localize(name, true, shell.settings.shopt("localvar_inherit") || attributes.on.contains('I'));
    }
    if shell.vars.raw(name).is_some_and(|var| var.readonly) && (value.is_some() || attributes.off.contains('r')) {
        return Err(format!("{name}: readonly variable"));
    }
    make_array(shell, name, index, attributes)?;
    set_flags(shell, name, attributes);
    if attributes.on.contains('n') {
        if let Some(value) = value {
            shell.vars.put(name, value);
        }
        return Ok(());
    }
    match (elements, value) {
        (Some(elements), _) => shell.assign_array(name, elements, append)?,
        (None, Some(value)) => {
            let is_array = shell.vars.get(name).is_some_and(|v| matches!(v.value, Value::Indexed(_) | Value::Assoc(_)));
            if is_array && index.is_none() && value.starts_with('(') && value.ends_with(')') {
                let elements = literal_elements(shell, value)?;
                shell.assign_array(name, elements, append)?;
            } else {
                shell.assign_scalar(name, index, value.to_string(), append)?;
            }
        }
        (None, None) => {
            shell.vars.raw_entry(name);
        }
    }
    if attributes.on.contains('r') {
        shell.vars.entry(name).readonly = true;
    }
    Ok(())
}

/// `declare -a 'name=(…)'`: the elements, as far as nothing in them has to be run.
fn literal_elements(shell: &Shell, text: &str) -> Result<Vec<crate::expand::array::Element>, String> {
    let items = Parser::new(text, shell.parse_options(None)).array_literal().map_err(String::from)?;
    let plain = |word: &crate::syntax::ast::Word| {
        use crate::syntax::ast::Part;
        fn add(parts: &[Part], out: &mut String) {
            for part in parts {
                match part {
                    Part::Literal(text) | Part::Quoted(text) => out.push_str(text),
                    Part::DoubleQuoted(parts) => add(parts, out),
                    _ => {}
                }
            }
        }
        let mut out = String::new();
        add(&word.parts, &mut out);
        out
    };
    Ok(items
        .iter()
        .map(|item| crate::expand::array::Element {
            index: item.index.as_ref().map(plain),
            append: item.append,
            value: plain(&item.value),
        })
        .collect())
}

fn make_array(shell: &mut Shell, name: &str, index: Option<&str>, attributes: &Attributes) -> Result<(), String> {
    let var = shell.vars.raw_entry(name);
    if attributes.on.contains('A') {
        match var.value {
            Value::Assoc(_) => {}
            Value::Unset => var.value = Value::Assoc(BTreeMap::new()),
            _ => return Err(format!("{name}: cannot convert indexed to associative array")),
        }
    } else if attributes.on.contains('a') || (index.is_some() && var.value == Value::Unset) {
        match &var.value {
            Value::Indexed(_) => {}
            Value::Assoc(_) if attributes.on.contains('a') => {
                return Err(format!("{name}: cannot convert associative to indexed array"));
            }
            Value::Assoc(_) => {}
            Value::Unset => var.value = Value::Indexed(BTreeMap::new()),
            Value::Scalar(text) => var.value = Value::Indexed(BTreeMap::from([(0, text.clone())])),
        }
    }
    Ok(())
}

fn set_flags(shell: &mut Shell, name: &str, attributes: &Attributes) {
    let refers = attributes.on.contains('n') || attributes.off.contains('n');
    let var = if refers { shell.vars.raw_entry(name) } else { shell.vars.entry(name) };
    for (letters, value) in [(&attributes.on, true), (&attributes.off, false)] {
        for letter in letters.chars() {
            match letter {
                'x' => var.exported = value,
                'i' => var.integer = value,
                'l' => {
                    var.lower = value;
                    var.upper &= !value;
                }
                'u' => {
                    var.upper = value;
                    var.lower &= !value;
                }
                'n' => var.nameref = value,
                _ => {}
            }
        }
    }
}

async fn functions(shell: &mut Shell, name: &str, operands: &[String], names_only: bool) -> Eval {
    let mut text = String::new();
    let mut status = 0;
    if operands.is_empty() {
        for (function, defined) in &shell.functions {
            match names_only {
                true => text.push_str(&format!("declare -f {function}\n")),
                false => text.push_str(&format!("{}\n", print::function(&defined.function))),
            }
        }
    }
    for operand in operands {
        match shell.functions.get(operand) {
            Some(_) if names_only => text.push_str(&format!("{operand}\n")),
            Some(defined) => text.push_str(&format!("{}\n", print::function(&defined.function))),
            None => status = 1,
        }
    }
    Ok(status | shell.print_from(name, &text).await)
}

async fn show(shell: &mut Shell, name: &str, operands: &[String], filter: &str, locals: bool) -> Eval {
    let mut text = String::new();
    let mut status = 0;
    let wanted: String = filter.chars().filter(|c| "aAinrxlu".contains(*c)).collect();
    if operands.is_empty() && !filter.contains('p') && !locals && wanted.is_empty() {
        let set = ["set".to_string()];
        return match shell.builtin("set") {
            Some(builtin) => shell.call_builtin(builtin, &set).await,
            None => Ok(1),
        };
    }
    if operands.is_empty() {
        let locals: Option<Vec<String>> = locals.then(|| shell.vars.locals());
        for (variable, var) in shell.vars.iter() {
            let in_scope = locals.as_ref().is_none_or(|locals| locals.contains(variable));
            let flags = var.flags();
            if in_scope && wanted.chars().all(|c| flags.contains(c)) {
                text.push_str(&format!("{}\n", declaration_of(variable, var)));
            }
        }
    }
    for operand in operands {
        match declaration(shell, operand) {
            Some(line) => text.push_str(&format!("{line}\n")),
            None => {
                shell.builtin_error(name, format!("{operand}: not found")).await;
                status = 1;
            }
        }
    }
    Ok(status | shell.print_from(name, &text).await)
}

/// `declare -p` of one variable.
pub fn declaration(shell: &Shell, name: &str) -> Option<String> {
    shell.vars.raw(name).map(|var| declaration_of(name, var))
}

/// The same of a variable at hand.
pub fn declaration_of(name: &str, var: &Var) -> String {
    let flags = var.flags();
    let flags = if flags.is_empty() { "--".to_string() } else { format!("-{flags}") };
    match &var.value {
        Value::Unset => format!("declare {flags} {name}"),
        Value::Scalar(text) => format!("declare {flags} {name}={}", double_quote(text)),
        _ => format!("declare {flags} {name}={}", array_text(var)),
    }
}

/// `([0]="a" [1]="b")`.
pub fn array_text(var: &Var) -> String {
    let assoc = matches!(var.value, Value::Assoc(_));
    let key = |key: String| match assoc && crate::text::needs_quotes(&key) {
        true => format!("[{}]", double_quote(&key)),
        false => format!("[{key}]"),
    };
    let pairs: Vec<String> =
        var.keys().into_iter().zip(var.values()).map(|(k, v)| format!("{}={}", key(k), double_quote(&v))).collect();
    // bash leaves a blank behind the last element of an associative array.
    format!("({}{})", pairs.join(" "), if assoc && !pairs.is_empty() { " " } else { "" })
}
