//! `$name` and `${…}`.

use super::lookup::Found;
use super::pattern::Pattern;
use super::{Field, Kind, Piece, push};
use crate::Flavour;
use crate::shell::{Eval, Shell, Unwind};
use crate::syntax::ast::{Param, ParamOp, Part, Subscript, Word};
use crate::syntax::{Parser, is_name};

impl Shell {
    pub(super) async fn expand_param(&mut self, param: &Param, quoted: bool, out: &mut Vec<Field>) -> Eval<()> {
        match &param.op {
            ParamOp::Bad => {
                let message = match self.flavour {
                    Flavour::Bash => format!("{}: bad substitution", param.text),
                    Flavour::Dash => "Bad substitution".to_string(),
                    Flavour::Ash => "syntax error: bad substitution".to_string(),
                };
                return Err(self.expansion_error(message).await);
            }
            ParamOp::Names(at) => {
                let names = self.vars.names(&param.name);
                self.emit(Found::Many(names, !at), quoted, out);
                return Ok(());
            }
            ParamOp::Keys => {
                let keys = self.array_keys(&param.name);
                let star = param.index == Some(Subscript::Star);
                self.emit(Found::Many(keys, star), quoted, out);
                return Ok(());
            }
            _ => {}
        }
        let (name, found) = self.param_value(param).await?;
        let tests = matches!(
            param.op,
            ParamOp::Default(..) | ParamOp::Assign(..) | ParamOp::Error(..) | ParamOp::Alternate(..)
        );
        if tests {
            return self.param_test(param, &name, found, quoted, out).await;
        }
        if found == Found::Unset && self.settings.is_set("nounset") && !matches!(name.as_str(), "@" | "*") {
            let message = match self.flavour {
                Flavour::Bash => format!("{name}: unbound variable"),
                _ => format!("{name}: parameter not set"),
            };
            return Err(self.fatal_error(message).await);
        }
        let result = self.param_apply(param, &name, found).await?;
        self.emit(result, quoted, out);
        Ok(())
    }

    /// The parameter's value, and its name for messages; `${!name}` is followed.
    async fn param_value(&mut self, param: &Param) -> Eval<(String, Found)> {
        let found = self.lookup_indexed(&param.name, param.index.as_ref()).await?;
        let shown = match &param.index {
            Some(Subscript::Word(word)) => format!("{}[{}]", param.name, word.text),
            _ => param.name.clone(),
        };
        if !param.indirect {
            return Ok((shown, found));
        }
        if let Some(var) = self.vars.raw(&param.name)
            && var.nameref
        {
            let target = var.scalar().unwrap_or_default().to_string();
            return Ok((target.clone(), Found::One(target)));
        }
        let target = match found {
            Found::One(target) => target,
            Found::Many(values, _) => values.join(" "),
            Found::Unset if matches!(param.op, ParamOp::None) => {
                return Err(self.expansion_error(format!("{}: invalid indirect expansion", param.name)).await);
            }
            Found::Unset => return Ok((shown, Found::Unset)),
        };
        let options = self.parse_options(None);
        let parsed = Parser::new(&format!("${{{target}}}"), options).text_parts();
        match parsed.as_deref() {
            Ok([Part::Param(inner)]) if inner.op == ParamOp::None && !inner.indirect => {
                let inner = inner.clone();
                let found = self.lookup_indexed(&inner.name, inner.index.as_ref()).await?;
                Ok((target, found))
            }
            _ => Err(self.expansion_error(format!("{target}: invalid variable name")).await),
        }
    }

    async fn lookup_indexed(&mut self, name: &str, index: Option<&Subscript>) -> Eval<Found> {
        match index {
            None => Ok(self.lookup(name)),
            Some(Subscript::At | Subscript::Star) => {
                let star = index == Some(&Subscript::Star);
                Ok(match self.array_values(name) {
                    Some(values) => Found::Many(values, star),
                    None => match self.lookup_text(name) {
                        Some(text) => Found::Many(vec![text], star),
                        None => Found::Many(Vec::new(), star),
                    },
                })
            }
            Some(Subscript::Word(word)) => {
                let index = Box::pin(self.expand_string(word)).await?;
                match self.element(name, &index) {
                    Ok(found) => Ok(found.map_or(Found::Unset, Found::One)),
                    Err(message) => Err(self.expansion_error(message).await),
                }
            }
        }
    }

    /// `:-`, `:=`, `:?`, `:+`.
    async fn param_test(
        &mut self,
        param: &Param,
        name: &str,
        found: Found,
        quoted: bool,
        out: &mut Vec<Field>,
    ) -> Eval<()> {
        let (colon, word) = match &param.op {
            ParamOp::Default(c, w) | ParamOp::Assign(c, w) | ParamOp::Error(c, w) | ParamOp::Alternate(c, w) => (*c, w),
            _ => return Ok(()),
        };
        let missing = match &found {
            Found::Unset => true,
            Found::One(text) => colon && text.is_empty(),
            Found::Many(values, _) => values.is_empty() || (colon && values.iter().all(String::is_empty)),
        };
        match &param.op {
            ParamOp::Alternate(..) if missing => Ok(()),
            ParamOp::Alternate(..) => self.expand_operand(word, quoted, out).await,
            _ if !missing => {
                self.emit(found, quoted, out);
                Ok(())
            }
            ParamOp::Default(..) => self.expand_operand(word, quoted, out).await,
            ParamOp::Assign(..) => {
                if !is_name(&param.name) {
                    return Err(self.expansion_error(format!("${name}: cannot assign in this way")).await);
                }
                let value = Box::pin(self.expand_string(word)).await?;
                let index = match &param.index {
                    Some(Subscript::Word(word)) => Some(Box::pin(self.expand_string(word)).await?),
                    _ => None,
                };
                if let Err(message) = self.assign_text(&param.name, index.as_deref(), value) {
                    return Err(self.expansion_error(message).await);
                }
                let found = self.lookup_indexed(&param.name, param.index.as_ref()).await?;
                self.emit(found, quoted, out);
                Ok(())
            }
            _ => {
                let text = Box::pin(self.expand_string(word)).await?;
                let text = match (text.is_empty(), colon) {
                    (false, _) => text,
                    (true, true) if self.is_bash() => "parameter null or not set".into(),
                    (true, _) => "parameter not set".into(),
                };
                Err(self.fatal_error(format!("{name}: {text}")).await)
            }
        }
    }

    /// The word of `${x:-word}`: outside quotes its own text splits as if it were expanded.
    async fn expand_operand(&mut self, word: &Word, quoted: bool, out: &mut Vec<Field>) -> Eval<()> {
        let mut fields = vec![Field::new()];
        let parts = if quoted { word.parts.clone() } else { self.expand_tilde(&word.parts, false) };
        self.expand_parts(&parts, quoted, &mut fields).await?;
        for (i, field) in fields.into_iter().enumerate() {
            if i > 0 {
                out.push(Field::new());
            }
            for mut piece in field {
                if piece.kind == Kind::Literal {
                    piece.kind = Kind::Expanded;
                }
                push(out, piece);
            }
        }
        Ok(())
    }

    /// The operators that change a value.
    async fn param_apply(&mut self, param: &Param, name: &str, found: Found) -> Eval<Found> {
        match &param.op {
            ParamOp::Length => Ok(Found::One(match found {
                Found::Unset => "0".into(),
                Found::One(text) => text.chars().count().to_string(),
                Found::Many(values, _) => values.len().to_string(),
            })),
            ParamOp::Substring(offset, length) => self.substring(param, name, found, offset, length.as_ref()).await,
            ParamOp::RemovePrefix(long, word) => {
                let pattern = self.operand_pattern(word).await?;
                let long = *long;
                Ok(found.map(|text| super::transform::remove_prefix(&text, &pattern, long)))
            }
            ParamOp::RemoveSuffix(long, word) => {
                let pattern = self.operand_pattern(word).await?;
                let long = *long;
                Ok(found.map(|text| super::transform::remove_suffix(&text, &pattern, long)))
            }
            ParamOp::Replace(kind, pattern, replacement) => {
                let pattern = self.operand_pattern(pattern).await?;
                let fields = Box::pin(self.expand_unsplit(replacement, false)).await?;
                let ampersand = self.settings.shopt("patsub_replacement");
                let replacement = super::transform::Replacement::new(&fields, ampersand);
                let mut fits = true;
                let found = found.map(|text| {
                    let replaced =
                        super::transform::replace(&text, &pattern, *kind, &replacement, super::place::MAX_VALUE);
                    fits &= replaced.is_some();
                    replaced.unwrap_or_default()
                });
                if fits { Ok(found) } else { Err(self.expansion_error("xrealloc: cannot allocate memory").await) }
            }
            ParamOp::Case(kind, word) => {
                let pattern = self.operand_pattern(word).await?;
                Ok(found.map(|text| super::transform::change_case(&text, &pattern, *kind)))
            }
            ParamOp::Transform(op) => self.param_transform(param, *op, found).await,
            _ => Ok(found),
        }
    }

    async fn operand_pattern(&mut self, word: &Word) -> Eval<Pattern> {
        let text = Box::pin(self.expand_pattern(word)).await?;
        Ok(Pattern::new(&text, self.match_options("nocasematch")))
    }

    async fn substring(
        &mut self,
        param: &Param,
        name: &str,
        found: Found,
        offset: &Word,
        length: Option<&Word>,
    ) -> Eval<Found> {
        let offset_text = Box::pin(self.expand_text(offset)).await?;
        let offset = self.arith(&offset_text).await?;
        let (length, length_text) = match length {
            None => (None, String::new()),
            Some(word) => {
                let text = Box::pin(self.expand_text(word)).await?;
                (Some(self.arith(&text).await?), text)
            }
        };
        let cut = |count: usize| super::transform::cut(count, offset, length);
        let too_short = |length_text: &str| format!("{length_text}: substring expression < 0");
        match found {
            Found::Unset => Ok(Found::Unset),
            Found::One(text) => {
                let chars: Vec<char> = text.chars().collect();
                match cut(chars.len()) {
                    Some(range) => Ok(Found::One(chars.get(range).unwrap_or(&[]).iter().collect())),
                    None => Err(self.expansion_error(too_short(&length_text)).await),
                }
            }
            Found::Many(values, star) => {
                let values = match name {
                    "@" | "*" => std::iter::once(self.arg0.clone()).chain(values).collect(),
                    _ => values,
                };
                if length.is_some_and(|length| length < 0) {
                    return Err(self.expansion_error(too_short(&length_text)).await);
                }
                let range = self.element_range(param, &values, offset, length);
                Ok(Found::Many(values.get(range).unwrap_or(&[]).to_vec(), star))
            }
        }
    }

    /// Offsets of a sparse array count subscripts, not elements.
    fn element_range(
        &self,
        param: &Param,
        values: &[String],
        offset: i64,
        length: Option<i64>,
    ) -> std::ops::Range<usize> {
        let start = match self.vars.get(&param.name).map(|var| &var.value) {
            Some(crate::vars::Value::Indexed(items)) => {
                let last = items.keys().next_back().copied().unwrap_or(-1);
                let offset = if offset < 0 { offset + last + 1 } else { offset };
                if offset < 0 { values.len() } else { items.keys().filter(|key| **key < offset).count() }
            }
            _ if matches!(param.name.as_str(), "@" | "*") && offset == 0 => 0,
            _ => super::transform::cut(values.len(), offset, None).map_or(values.len(), |range| range.start),
        };
        let length = length.and_then(|length| usize::try_from(length).ok()).unwrap_or(values.len());
        start.min(values.len())..start.saturating_add(length).min(values.len())
    }

    async fn param_transform(&mut self, param: &Param, op: char, found: Found) -> Eval<Found> {
        use crate::text::{double_quote, reusable_quote};
        match op {
            'a' => {
                let flags = self.vars.get(&param.name).map(crate::vars::Var::flags).unwrap_or_default();
                Ok(found.map(|_| flags.clone()))
            }
            'A' => {
                let text = match self.vars.get(&param.name) {
                    Some(var) if matches!(var.value, crate::vars::Value::Scalar(_)) => var.scalar().map(|value| {
                        let (flags, value) = (var.flags(), reusable_quote(value));
                        let declare = if flags.is_empty() { String::new() } else { format!("declare -{flags} ") };
                        format!("{declare}{}={value}", param.name)
                    }),
                    _ => crate::builtins::declaration(self, &param.name),
                };
                Ok(text.map_or(Found::Unset, Found::One))
            }
            'K' | 'k' => match found {
                Found::Many(values, star) => {
                    let keys = self.array_keys(&param.name);
                    let pairs = keys.into_iter().zip(values);
                    if op == 'k' {
                        return Ok(Found::Many(pairs.flat_map(|(key, value)| [key, value]).collect(), star));
                    }
                    let text: Vec<String> =
                        pairs.map(|(key, value)| format!("{key} {}", double_quote(&value))).collect();
                    Ok(Found::One(text.join(" ")))
                }
                other => Ok(other.map(|text| reusable_quote(&text))),
            },
            'P' => match found {
                Found::One(text) => Ok(Found::One(Box::pin(self.expand_ps(&text)).await)),
                other => Ok(other),
            },
            op => Ok(found.map(|text| super::transform::transform(&text, op))),
        }
    }

    fn emit(&self, found: Found, quoted: bool, out: &mut Vec<Field>) {
        let kind = if quoted { Kind::Quoted } else { Kind::Expanded };
        match found {
            Found::Unset => {}
            Found::One(text) => push(out, Piece::new(kind, text)),
            Found::Many(values, true) if quoted => {
                let separator = match self.vars.text("IFS") {
                    None => " ".to_string(),
                    Some(ifs) => ifs.chars().next().map(String::from).unwrap_or_default(),
                };
                push(out, Piece::new(kind, values.join(&separator)));
            }
            Found::Many(values, _) => {
                for (i, value) in values.into_iter().enumerate() {
                    if i > 0 {
                        out.push(Field::new());
                    }
                    push(out, Piece::new(kind, value));
                }
            }
        }
    }

    /// Expands a word that stands for one argument and must not become several (redirections).
    pub async fn expand_single(&mut self, word: &Word) -> Eval<Result<String, String>> {
        let mut arguments = Vec::new();
        self.expand_word_into(word, &mut arguments).await?;
        match arguments.len() {
            1 => Ok(Ok(arguments.pop().unwrap_or_default())),
            _ => Ok(Err(word.text.clone())),
        }
    }
}

impl Found {
    fn map(self, mut f: impl FnMut(String) -> String) -> Found {
        match self {
            Found::Unset => Found::Unset,
            Found::One(text) => Found::One(f(text)),
            Found::Many(values, star) => Found::Many(values.into_iter().map(f).collect(), star),
        }
    }
}

impl From<Unwind> for i32 {
    fn from(unwind: Unwind) -> i32 {
        match unwind {
            Unwind::Break(_) | Unwind::Continue(_) => 0,
            Unwind::Return(status) | Unwind::Exit(status) | Unwind::Discard(status) => status,
            Unwind::Interrupt => 130,
        }
    }
}
