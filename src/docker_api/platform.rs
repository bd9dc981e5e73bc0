//! `linux/amd64`: names of platforms. Source: the rules and error texts of containerd's platforms package.

/// What all images of the machine are made for.
pub const OURS: &str = "linux/amd64";

const SYSTEMS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];
const MACHINES: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "armbe",
    "arm64",
    "arm64be",
    "ppc64",
    "ppc64le",
    "loong64",
    "mips",
    "mipsle",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "ppc",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// Reads `os`, `arch` or `os/arch[/variant]`; the result has an operating system and a machine.
pub fn parse(text: &str) -> Result<String, String> {
    let quoted = crate::text_quote(text);
    if text.contains('*') {
        return Err(format!("{quoted}: wildcards not yet supported: invalid argument"));
    }
    let parts: Vec<&str> = text.split('/').collect();
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if let Some(bad) = parts.iter().find(|p| p.is_empty() || !p.chars().all(good)) {
        return Err(format!(
            "{} is an invalid component of {quoted}: platform specifier component must match \"^[A-Za-z0-9_.-]+$\": invalid argument",
            crate::text_quote(bad)
        ));
    }
    let lower: Vec<String> = parts.iter().map(|p| p.to_lowercase()).collect();
    match lower.as_slice() {
        [one] if SYSTEMS.contains(&system(one)) => Ok(format!("{}/amd64", system(one))),
        [one] if MACHINES.contains(&machine(one).as_str()) => Ok(format!("linux/{}", machine(one))),
        [_] => Err(format!("{quoted}: unknown operating system or architecture: invalid argument")),
        [os, arch] => Ok(format!("{}/{}", system(os), machine(arch))),
        [os, arch, variant] => Ok(match (machine(arch).as_str(), variant.as_str()) {
            ("arm64", "8" | "v8") | ("amd64", "v1") => format!("{}/{}", system(os), machine(arch)),
            (arch, variant) => format!("{}/{arch}/{variant}", system(os)),
        }),
        _ => Err(format!("{quoted}: cannot parse platform specifier: invalid argument")),
    }
}

/// What the daemon says where an image is not for the platform that was asked for.
pub fn mismatch(image: &str, has: &str, wanted: &str) -> Option<String> {
    // Newer variants of the same machine run what older ones do.
    let base = |text: &str| text.split('/').take(2).collect::<Vec<_>>().join("/");
    let fits = has == wanted || base(wanted) == OURS && base(has) == OURS;
    (!fits).then(|| {
        format!(
            "image with reference {image} was found but its platform ({has}) does not match the specified platform ({wanted})"
        )
    })
}

fn system(name: &str) -> &str {
    if name == "macos" { "darwin" } else { name }
}

fn machine(name: &str) -> String {
    match name {
        "i386" => "386",
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "armhf" => "arm",
        "armel" => "arm/v6",
        other => other,
    }
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_read() {
        let good = |text: &str| parse(text).unwrap();
        assert_eq!(good("linux"), "linux/amd64");
        assert_eq!(good("aarch64"), "linux/arm64");
        assert_eq!(good("linux/x86_64"), OURS);
        assert_eq!(good("linux/arm/v7"), "linux/arm/v7");
        assert_eq!(good("linux/arm64/v8"), "linux/arm64");
        let bad = |text: &str| parse(text).unwrap_err();
        assert_eq!(bad("foo"), "\"foo\": unknown operating system or architecture: invalid argument");
        assert_eq!(bad("a/b/c/d"), "\"a/b/c/d\": cannot parse platform specifier: invalid argument");
        assert!(bad("linux/").starts_with("\"\" is an invalid component of \"linux/\""));
    }
}
