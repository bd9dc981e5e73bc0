//! Single values of the options of `docker create` and `docker run`, with docker/cli's errors.

use std::net::IpAddr;

use docker_api::mounts::clean;
use docker_api::text_quote;
use docker_api::types::{BindOptions, Device, Mount, TmpfsOptions, Ulimit, VolumeOptions};
use docker_api::units::ram_in_bytes;

use crate::cli::parse_bool;

/// `--attach`
pub fn attach(value: &str) -> Result<String, String> {
    let lower = value.to_lowercase();
    match lower.as_str() {
        "stdin" | "stdout" | "stderr" => Ok(lower),
        _ => Err("valid streams are STDIN, STDOUT and STDERR".to_string()),
    }
}

/// `--env`
pub fn env(value: &str) -> Result<(), String> {
    if value.is_empty() || value.starts_with('=') {
        return Err(format!("invalid environment variable: {value}"));
    }
    Ok(())
}

/// The lines of an environment or label file that count.
pub fn lines(path: &str, data: &[u8]) -> Result<Vec<String>, String> {
    let text = String::from_utf8_lossy(data);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines = text.lines().map(str::trim_start).filter(|l| !l.is_empty() && !l.starts_with('#'));
    let checked = lines.map(|line| {
        let name = line.split('=').next().unwrap_or("");
        match () {
            () if name.is_empty() => Err(format!("no variable name on line '{line}'")),
            () if name.contains([' ', '\t']) => Err(format!("variable '{name}' contains whitespaces")),
            () => Ok(line.to_string()),
        }
    });
    checked.collect::<Result<_, _>>().map_err(|why| format!("invalid env file ({path}): {why}"))
}

/// `--label`
pub fn label(value: &str) -> Result<(), String> {
    if value.is_empty() || value.starts_with('=') {
        return Err(format!("invalid label '{value}': empty name"));
    }
    Ok(())
}

/// An address.
pub fn ip(value: &str) -> Result<IpAddr, String> {
    value.trim().parse().map_err(|_| format!("IP address is not correctly formatted: {value}"))
}

/// `--add-host`; the result has the form `name:address`.
pub fn add_host(value: &str) -> Result<String, String> {
    let (name, address) = value.split_once('=').or_else(|| value.split_once(':')).unwrap_or((value, ""));
    if name.is_empty() || address.is_empty() {
        return Err(format!("bad format for add-host: {}", text_quote(value)));
    }
    let bare = address.strip_prefix('[').and_then(|a| a.strip_suffix(']')).unwrap_or(address);
    if bare != "host-gateway" && bare.parse::<IpAddr>().is_err() {
        return Err(format!("invalid IP address in add-host: {}", text_quote(address)));
    }
    Ok(format!("{name}:{bare}"))
}

/// `--link`
pub fn link(value: &str) -> Result<(), String> {
    if value.is_empty() {
        return Err("empty string specified for links".to_string());
    }
    if value.matches(':').count() > 1 { Err(format!("bad format for links: {value}")) } else { Ok(()) }
}

/// `--sysctl`
pub fn sysctl(value: &str) -> Result<(), String> {
    let name = value.split('=').next().unwrap_or("");
    let known = [
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
        "kernel.shm_rmid_forced",
    ];
    let allowed =
        value.contains('=') && (known.contains(&name) || name.starts_with("net.") || name.starts_with("fs.mqueue."));
    if allowed { Ok(()) } else { Err(format!("sysctl '{value}' is not allowed")) }
}

const ULIMITS: [&str; 16] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
    "as",
];

/// `--ulimit`
pub fn ulimit(value: &str) -> Result<Ulimit, String> {
    let bad = || format!("invalid ulimit argument: {value}");
    let (name, limits) = value.split_once('=').ok_or_else(bad)?;
    if !ULIMITS.contains(&name) {
        return Err(format!("invalid ulimit type: {name}"));
    }
    let (soft, hard) = limits.split_once(':').unwrap_or((limits, limits));
    let number = |text: &str| {
        text.parse::<i64>().map_err(|_| format!("strconv.ParseInt: parsing {}: invalid syntax", text_quote(text)))
    };
    let (soft, hard) = (number(soft)?, number(hard)?);
    if hard != -1 && (soft == -1 || soft > hard) {
        return Err(format!("ulimit soft limit must be less than or equal to hard limit: {soft} > {hard}"));
    }
    Ok(Ulimit { name: name.to_string(), hard, soft })
}

/// `--device`
pub fn device(value: &str) -> Result<Device, String> {
    let parts: Vec<&str> = value.split(':').collect();
    let is_mode = |s: &str| !s.is_empty() && s.chars().all(|c| "rwm".contains(c));
    let (host, inside, mode) = match parts.as_slice() {
        [host] => (*host, *host, "rwm"),
        [host, second] if is_mode(second) => (*host, *host, *second),
        [host, inside] => (*host, *inside, "rwm"),
        [host, inside, mode] if is_mode(mode) => (*host, *inside, *mode),
        _ => return Err(format!("invalid device specification: {value}")),
    };
    if !host.starts_with('/') {
        return Err(format!("{host} is not an absolute path"));
    }
    Ok(Device {
        path_on_host: host.to_string(),
        path_in_container: inside.to_string(),
        cgroup_permissions: mode.to_string(),
    })
}

/// `--gpus`: `all`, or how many.
pub fn gpus(value: &str) -> serde_json::Value {
    let count: i64 = value.parse().unwrap_or(-1);
    serde_json::json!({
        "Driver": "", "Count": count, "DeviceIDs": null, "Capabilities": [["gpu"]], "Options": {},
    })
}

/// `NET_ADMIN` and `cap_net_admin` to `CAP_NET_ADMIN`, sorted, without doubles.
pub fn capabilities(list: Vec<String>) -> Vec<String> {
    let normal = |text: String| match text.to_uppercase() {
        all if all == "ALL" => all,
        upper if upper.starts_with("CAP_") => upper,
        upper => format!("CAP_{upper}"),
    };
    let mut out: Vec<String> = list.into_iter().map(normal).collect();
    out.sort();
    out.dedup();
    out
}

/// Whether `text` is a hardware address.
pub fn is_mac(text: &str) -> bool {
    let parts: Vec<&str> = text.split([':', '-']).collect();
    parts.len() == 6 && parts.iter().all(|p| p.len() == 2 && p.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A path made absolute from `here`.
pub fn absolute(path: &str, here: &str) -> String {
    if path.starts_with('/') { clean(path) } else { clean(&format!("{here}/{path}")) }
}

/// `--publish` in its long form `published=8080,target=80` brought to the short one.
pub fn long_port(raw: &str) -> Result<String, String> {
    if !raw.contains('=') {
        return Ok(raw.to_string());
    }
    let (mut target, mut published, mut proto) = ("", "", "tcp");
    for field in raw.split(',') {
        let Some((key, value)) = field.split_once('=') else {
            return Err(format!("invalid publish opts format (should be name=value but got '{field}')"));
        };
        match key.to_lowercase().as_str() {
            "target" => target = value,
            "published" => published = value,
            "protocol" => proto = value,
            _ => {}
        }
    }
    Ok(format!("{published}:{target}/{proto}"))
}

/// `--mount`
pub fn mount(value: &str, here: &str) -> Result<Mount, String> {
    let value = value.trim();
    if value.is_empty() {
        return Err("EOF".to_string());
    }
    let mut mount = Mount { kind: "volume".to_string(), ..Mount::default() };
    let (mut bind, mut volume, mut tmpfs) = (None::<BindOptions>, None::<VolumeOptions>, None::<TmpfsOptions>);
    for field in fields(value) {
        let (key, text) = match field.split_once('=') {
            Some((key, text)) => (key, Some(text)),
            None => (field.as_str(), None),
        };
        let key = key.to_lowercase();
        let switch = matches!(key.as_str(), "readonly" | "ro" | "volume-nocopy" | "bind-nonrecursive");
        if text.is_none() && !switch {
            return Err(format!("invalid field '{field}' must be a key=value pair"));
        }
        let text = text.unwrap_or("true");
        let flag = || parse_bool(text).ok_or_else(|| format!("invalid value for {key}: {text}"));
        match key.as_str() {
            "type" => mount.kind = text.to_lowercase(),
            "source" | "src" if text == "." || text.starts_with("./") || text.starts_with("../") => {
                mount.source = absolute(text, here);
            }
            "source" | "src" => mount.source = text.to_string(),
            "target" | "dst" | "destination" => mount.target = text.to_string(),
            "readonly" | "ro" => mount.read_only = flag()?,
            "consistency" => {}
            "bind-propagation" => bind.get_or_insert_default().propagation = text.to_lowercase(),
            "bind-nonrecursive" => bind.get_or_insert_default().non_recursive = flag()?,
            "bind-recursive" => bind.get_or_insert_default().non_recursive = text == "disabled",
            "volume-nocopy" => volume.get_or_insert_default().no_copy = flag()?,
            "volume-subpath" => volume.get_or_insert_default().subpath = text.to_string(),
            "volume-label" => {
                let (k, v) = text.split_once('=').unwrap_or((text, ""));
                volume.get_or_insert_default().labels.get_or_insert_default().insert(k.to_string(), v.to_string());
            }
            "volume-driver" | "volume-opt" => return Err(format!("drydock: {key} is not emulated here")),
            "tmpfs-size" => {
                let size = ram_in_bytes(text).map_err(|_| format!("invalid value for {key}: {text}"))?;
                tmpfs.get_or_insert_default().size_bytes = size;
            }
            "tmpfs-mode" => {
                let mode = u32::from_str_radix(text, 8).map_err(|_| format!("invalid value for {key}: {text}"))?;
                tmpfs.get_or_insert_default().mode = mode;
            }
            _ => return Err(format!("unexpected key '{key}' in '{field}'")),
        }
    }
    if mount.kind.is_empty() {
        return Err("type is required".to_string());
    }
    if mount.target.is_empty() {
        return Err("target is required".to_string());
    }
    let given = [("volume", volume.is_some()), ("bind", bind.is_some()), ("tmpfs", tmpfs.is_some())];
    if let Some((other, _)) = given.iter().find(|(kind, given)| *given && *kind != mount.kind) {
        return Err(format!("cannot mix '{other}-*' options with mount type '{}'", mount.kind));
    }
    (mount.bind_options, mount.volume_options, mount.tmpfs_options) = (bind, volume, tmpfs);
    Ok(mount)
}

/// The fields of a line of comma-separated values; a field may stand in double quotes.
pub fn fields(line: &str) -> Vec<String> {
    let (mut out, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => field.push('"'),
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => quoted = true,
            ',' if !quoted => out.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    out.push(field);
    out
}
