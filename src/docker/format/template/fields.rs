//! What the names of the API's fields tell of their Go types.

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
pub const POINTERS: [&str; 14] = [
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

/// The name in JSON of a field whose Go name is another.
pub fn json_name(go_name: &str) -> Option<&'static str> {
    Some(match go_name {
        "APIVersion" => "ApiVersion",
        "CPUCount" => "CpuCount",
        "CPUPercent" => "CpuPercent",
        "CPUPeriod" => "CpuPeriod",
        "CPUQuota" => "CpuQuota",
        "CPURealtimePeriod" => "CpuRealtimePeriod",
        "CPURealtimeRuntime" => "CpuRealtimeRuntime",
        "CPUShares" => "CpuShares",
        "DNS" => "Dns",
        "DNSOptions" => "DnsOptions",
        "DNSSearch" => "DnsSearch",
        "ID" => "Id",
        "NanoCPUs" => "NanoCpus",
        _ => return None,
    })
}

/// The Go type of a struct in the field of this name, for errors.
pub fn struct_name(field: &str) -> &'static str {
    match field {
        "Client" => "system.clientVersion",
        "Server" => "*types.Version",
        _ => "struct",
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
