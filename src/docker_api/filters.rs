//! The `filters` parameter: names with sets of values.

use std::collections::BTreeMap;

use serde_json::Value;

/// Filter names with their values, in the order of the JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters(pub BTreeMap<String, Vec<String>>);

impl Filters {
    /// Reads the parameter: `{"name":{"x":true}}`, or the old form `{"name":["x"]}`.
    pub fn from_json(text: &str) -> Result<Filters, String> {
        if text.is_empty() {
            return Ok(Filters::default());
        }
        let bad = || "invalid filter".to_string();
        let Ok(Value::Object(object)) = serde_json::from_str(text) else { return Err(bad()) };
        let mut out = Filters::default();
        for (name, values) in object {
            let values = match values {
                Value::Object(set) => {
                    set.into_iter().filter(|(_, on)| on.as_bool() == Some(true)).map(|(k, _)| k).collect()
                }
                Value::Array(list) => {
                    let text = |v: Value| v.as_str().map(str::to_string).ok_or_else(bad);
                    list.into_iter().map(text).collect::<Result<Vec<_>, _>>()?
                }
                _ => return Err(bad()),
            };
            out.0.insert(name, values);
        }
        Ok(out)
    }

    /// The parameter's text.
    pub fn to_json(&self) -> String {
        let set = |values: &Vec<String>| Value::Object(values.iter().map(|v| (v.clone(), Value::Bool(true))).collect());
        Value::Object(self.0.iter().map(|(k, v)| (k.clone(), set(v))).collect()).to_string()
    }

    /// Adds a value.
    pub fn add(&mut self, name: &str, value: &str) {
        let values = self.0.entry(name.to_string()).or_default();
        if !values.iter().any(|v| v == value) {
            values.push(value.to_string());
        }
    }

    /// Whether no filter is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values of a filter, empty if it is not set.
    pub fn get(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether the filter is set.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The daemon's refusal of a filter that is not in `accepted`.
    pub fn validate(&self, accepted: &[&str]) -> Result<(), String> {
        match self.0.keys().find(|k| !accepted.contains(&k.as_str())) {
            Some(name) if name.is_empty() => Err("invalid filter".to_string()),
            Some(name) => Err(format!("invalid filter '{name}'")),
            None => Ok(()),
        }
    }

    /// Whether any value equals `text`, or the filter is not set.
    pub fn exact(&self, name: &str, text: &str) -> bool {
        !self.has(name) || self.get(name).iter().any(|v| v == text)
    }

    /// A boolean filter; the error is the daemon's.
    pub fn boolean(&self, name: &str, default: bool) -> Result<bool, String> {
        match self.get(name) {
            [] => Ok(default),
            [one] if matches!(one.as_str(), "1" | "true") => Ok(true),
            [one] if matches!(one.as_str(), "0" | "false") => Ok(false),
            values => Err(format!("invalid filter '{name}=[{}]'", values.join(" "))),
        }
    }

    /// The label filters of what prunes: `label` must hold, `label!` must not.
    pub fn prunes(&self, labels: &BTreeMap<String, String>) -> bool {
        self.labels("label", labels) && !(self.has("label!") && self.labels("label!", labels))
    }

    /// Label filters: each `key` or `key=value` must hold.
    pub fn labels(&self, name: &str, labels: &BTreeMap<String, String>) -> bool {
        self.get(name).iter().all(|want| match want.split_once('=') {
            Some((key, value)) => labels.get(key).is_some_and(|v| v == value),
            None => labels.contains_key(want),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let new = Filters::from_json(r#"{"name":{"a":true,"b":false},"status":{"exited":true}}"#).unwrap();
        assert_eq!(new.get("name"), ["a"]);
        assert_eq!(new.get("status"), ["exited"]);
        assert_eq!(Filters::from_json(r#"{"name":["a","b"]}"#).unwrap().get("name"), ["a", "b"]);
        assert_eq!(Filters::from_json(&new.to_json()).unwrap(), new);
        assert!(Filters::from_json("[]").is_err() && Filters::from_json(r#"{"a":1}"#).is_err());
    }

    #[test]
    fn filters_match() {
        let mut f = Filters::default();
        f.add("label", "a");
        f.add("label", "b=c");
        let labels = |l: &[(&str, &str)]| l.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        assert!(f.labels("label", &labels(&[("a", "x"), ("b", "c")])));
        assert!(!f.labels("label", &labels(&[("a", "x"), ("b", "d")])));
        f.add("label!", "keep");
        assert!(f.prunes(&labels(&[("a", "x"), ("b", "c")])));
        assert!(!f.prunes(&labels(&[("a", "x"), ("b", "c"), ("keep", "")])));
        assert_eq!(f.validate(&["name"]), Err("invalid filter 'label'".into()));
    }
}
