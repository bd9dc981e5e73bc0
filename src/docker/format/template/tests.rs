use serde_json::json;

use super::*;

fn data() -> Value {
    json!({
        "Name": "/cc", "State": {"Running": true, "Status": "running", "Pid": 42}, "Args": ["1000", "x"],
        "Config": {"Labels": {"x": "y"}, "Env": ["A=1"], "ExposedPorts": {"6379/tcp": {}}, "Entrypoint": null, "Volumes": {"/data": {}}},
        "Mounts": [{"Type": "volume"}], "HostConfig": {"Memory": 0},
        "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}], "81/tcp": null},
            "Networks": {"bridge": {"IPAddress": "172.17.0.2"}, "mynet": {"IPAddress": "172.18.0.2"}}}
    })
}

fn run(source: &str) -> Result<String, String> {
    Template::parse("", source)?.execute(&data(), &Root::of(Mode::Typed, "T"))
}

fn raw(source: &str) -> Result<String, String> {
    Template::parse("", source)?.execute(&data(), &Root::of(Mode::Raw, "T"))
}

#[test]
fn recorded_templates_give_what_docker_gives() {
    for (source, want) in [
        ("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "172.17.0.2172.18.0.2"),
        (
            "{{range $k, $v := .NetworkSettings.Networks}}{{$k}}={{$v.IPAddress}} {{end}}",
            "bridge=172.17.0.2 mynet=172.18.0.2 ",
        ),
        ("{{.Name}} {{.State.Status}} {{.State.Running}}", "/cc running true"),
        ("{{json .Config.Env}}", "[\"A=1\"]"),
        ("{{index .Config.Labels \"x\"}}", "y"),
        ("{{.Args}} {{.Config.ExposedPorts}} {{.Config.Volumes}}", "[1000 x] map[6379/tcp:{}] map[/data:{}]"),
        ("{{len .Mounts}}", "1"),
        ("{{join .Args \",\"}}", "1000,x"),
        ("{{.Name | upper}}", "/CC"),
        ("{{if .State.Running}}yes{{else}}no{{end}}", "yes"),
        ("{{(index (index .NetworkSettings.Ports \"80/tcp\") 0).HostPort}}", "8080"),
        ("{{ .Name -}}   !", "/cc!"),
        ("{{/* no */}}x", "x"),
        ("{{with .State}}{{.Pid}}{{end}}", "42"),
        ("{{if eq .State.Pid 42 43}}a{{else if true}}b{{end}}", "a"),
        ("{{if and .State.Running (gt .State.Pid 50)}}a{{else if lt .State.Pid 50}}b{{end}}", "b"),
        ("{{printf \"%-5s|%5d|%q|%v\" \"ab\" .State.Pid .Name .Args}}", "ab   |   42|\"/cc\"|[1000 x]"),
        ("{{println .Name}}", "/cc\n"),
        ("{{slice .Name 1 2}}{{title \"ab cd\"}}{{lower \"AB\"}}", "cAb Cdab"),
        ("{{range $i, $a := .Args}}{{if $i}},{{end}}{{$a}}{{end}}", "1000,x"),
        ("{{range .Args}}{{if eq . \"x\"}}{{break}}{{end}}{{.}}{{end}}", "1000"),
        ("{{$x := 1}}{{range .Args}}{{$x = 2}}{{end}}{{$x}}", "2"),
        ("{{range split \"a,b\" \",\"}}<{{.}}>{{end}}", "<a><b>"),
        ("{{.State}}", "{true running 42}"),
        (
            "{{.Config.Entrypoint}} {{.State.Health}} <{{.Config.StopSignal}}> {{.HostConfig.Init}} {{.Config.Labels.nope}}",
            "[] <nil> <> <nil> <no value>",
        ),
        ("{{range .Mounts}}<{{.Name}}>{{end}}{{index .Config.Labels \"nope\"}}", "<>"),
        ("{{not .State.Running}} {{or \"\" \"d\"}}", "false d"),
    ] {
        assert_eq!(run(source).as_deref(), Ok(want), "{source}");
    }
}

#[test]
fn mistakes_are_worded_as_go_words_them() {
    for (source, want) in [
        (
            "{{.NoSuchField}}",
            "template: :1:2: executing \"\" at <.NoSuchField>: map has no entry for key \"NoSuchField\"",
        ),
        ("{{.State.NoSuch}}", "template: :1:8: executing \"\" at <.State.NoSuch>: map has no entry for key \"NoSuch\""),
        ("{{", "template: :1: unclosed action"),
        ("{{foo .}}", "template: :1: function \"foo\" not defined"),
        ("{{end}}", "template: :1: unexpected {{end}}"),
        ("{{if .Name}}", "template: :1: unexpected EOF"),
        ("{{}}", "template: :1: missing value for command"),
        ("{{$x}}", "template: :1: undefined variable \"$x\""),
        ("{{\"abc}}", "template: :1: unterminated quoted string"),
        (
            "{{index .Args 5}}",
            "template: :1:2: executing \"\" at <index .Args 5>: error calling index: index out of range: 5",
        ),
        (
            "{{len .State.Running}}",
            "template: :1:2: executing \"\" at <len .State.Running>: error calling len: len of type bool",
        ),
    ] {
        assert_eq!(raw(source), Err(want.to_string()), "{source}");
    }
    assert!(run("{{.Foo}}").unwrap_err().ends_with("can't evaluate field Foo in type T"));
}

#[test]
fn hostile_templates_end() {
    assert!(run(&"{{if .Name}}".repeat(5000)).is_err());
    assert!(run(&format!("{{{{{}1{}}}}}", "(".repeat(5000), ")".repeat(5000))).is_err());
    assert!(run(&format!("{{{{if .Name}}}}{}{{{{end}}}}", "{{else if .Name}}".repeat(5000))).is_err());
    let nested = "{{range .}}".repeat(40) + &"{{end}}".repeat(40);
    let big = json!([[1, 2, 3], [4, 5, 6]]);
    let _ = Template::parse("", &nested).unwrap().execute(&big, &Root::of(Mode::Raw, ""));
    let wide = "{{range $}}".repeat(30) + "x" + &"{{end}}".repeat(30);
    let data = Value::Array(vec![Value::Null; 10]);
    assert!(Template::parse("", &wide).unwrap().execute(&data, &Root::of(Mode::Raw, "")).is_err());
}
