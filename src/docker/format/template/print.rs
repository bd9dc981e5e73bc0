//! Values as Go's `fmt` prints them.

use serde_json::Value;

use super::exec::{Mode, NO_VALUE, Val};

/// Fields of the API that are maps, by name.
const MAPS: [&str; 17] = [
    "Annotations",
    "Aux",
    "Containers",
    "Data",
    "Details",
    "DriverOpts",
    "ExposedPorts",
    "Labels",
    "Networks",
    "Options",
    "PortBindings",
    "Ports",
    "Runtimes",
    "StorageOpt",
    "Sysctls",
    "Tmpfs",
    "Volumes",
];
/// Fields that may be missing from the JSON.
const OPTIONAL: [&str; 32] = [
    "Annotations",
    "ArgsEscaped",
    "AuxiliaryAddresses",
    "BindOptions",
    "Driver",
    "ExposedPorts",
    "Gateway",
    "Health",
    "Healthcheck",
    "IPRange",
    "IPv4Address",
    "IPv6Address",
    "Init",
    "Layers",
    "LinkLocalIPs",
    "MacAddress",
    "Mounts",
    "Name",
    "NetworkDisabled",
    "OsVersion",
    "Runtime",
    "Shell",
    "SizeRootFs",
    "SizeRw",
    "StopSignal",
    "StopTimeout",
    "StorageOpt",
    "Sysctls",
    "Tmpfs",
    "UsageData",
    "Variant",
    "VolumeOptions",
];
/// Fields that are pointers: null prints as `<nil>`.
const POINTERS: [&str; 14] = [
    "IPAMConfig",
    "MemorySwappiness",
    "OomKillDisable",
    "PidsLimit",
    "Health",
    "Healthcheck",
    "Init",
    "StopTimeout",
    "SizeRw",
    "SizeRootFs",
    "UsageData",
    "BindOptions",
    "VolumeOptions",
    "TmpfsOptions",
];

/// Whether the field holds a map.
pub fn is_map(name: &str) -> bool {
    MAPS.contains(&name)
}

/// Whether the field may be missing.
pub fn is_optional(name: &str) -> bool {
    OPTIONAL.contains(&name)
}

/// The Go type that a JSON value has most likely, for errors.
pub fn go_type(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(n) if n.is_f64() => "float64",
        Value::Number(_) => "int",
        Value::Array(_) => "[]string",
        Value::Object(_) => "map[string]interface {}",
        Value::Null => "interface {}",
    }
}

/// Go's `%v` of a value in a template.
pub fn plain(value: &Val<'_>, mode: Mode) -> String {
    let mut out = String::new();
    match value.json.as_ref() {
        Value::Null if mode == Mode::Typed => out.push_str(value.null),
        Value::Null => out.push_str(NO_VALUE),
        json => write(&mut out, json, value.map || mode == Mode::Raw, mode, 0),
    }
    out
}

fn write(out: &mut String, value: &Value, map: bool, mode: Mode, depth: usize) {
    if depth > 64 {
        return;
    }
    match value {
        Value::Null => out.push_str("<nil>"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&n.to_string()),
        Value::String(s) => out.push_str(s),
        Value::Array(list) => {
            out.push('[');
            for (i, item) in list.iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                write(out, item, mode == Mode::Raw, mode, depth + 1);
            }
            out.push(']');
        }
        Value::Object(object) if map => {
            let mut items: Vec<_> = object.iter().collect();
            items.sort_by_key(|(k, _)| k.as_str());
            out.push_str("map[");
            for (i, (key, item)) in items.into_iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                out.push_str(key);
                out.push(':');
                write(out, item, mode == Mode::Raw, mode, depth + 1);
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (i, (key, item)) in object.iter().enumerate() {
                if i > 0 {
                    out.push(' ');
                }
                match item {
                    Value::Null if is_map(key) => out.push_str("map[]"),
                    Value::Null if !POINTERS.contains(&key.as_str()) => out.push_str("[]"),
                    _ => write(out, item, is_map(key), mode, depth + 1),
                }
            }
            out.push('}');
        }
    }
}

/// What a null field of a struct prints as.
pub fn null_text(name: &str) -> &'static str {
    if is_map(name) {
        "map[]"
    } else if POINTERS.contains(&name) {
        "<nil>"
    } else {
        "[]"
    }
}

/// What a field that is left out of the JSON when it is empty prints as.
pub fn missing_text(name: &str) -> &'static str {
    match name {
        "ArgsEscaped" | "NetworkDisabled" => "false",
        "Layers" | "LinkLocalIPs" | "Mounts" | "Shell" => "[]",
        _ if is_map(name) || POINTERS.contains(&name) => null_text(name),
        _ => "",
    }
}
