//! The network utilities on a small network: a host, a bridge, two containers. The expected texts are the shapes that
//! iputils 20221126, iproute2 6.1, net-tools 2.10, netcat-openbsd 1.219, curl 7.88.1, wget 1.21.3 and BusyBox print.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use machine::fs::FileContent;
use machine::net::dns::{Message, Record, RecordData, RecordType, ResponseCode};
use machine::net::{NetNamespaceId, Route, SocketAddress, SocketKind};
use machine::process::{WaitFor, WaitOptions, WaitStatus};
use machine::sys::Spawn;
use machine::{ExitCode, Fd, Machine, MachineConfig, Sys, UnixTime};

const HOST: NetNamespaceId = NetNamespaceId::HOST;

struct Lab {
    machine: Machine,
    a: NetNamespaceId,
    b: NetNamespaceId,
}

fn inet(text: &str) -> SocketAddress {
    SocketAddress::Inet(text.parse().unwrap())
}

impl Lab {
    fn new() -> Lab {
        let machine = Machine::boot(&MachineConfig { seed: 1, boot: UnixTime(0), hostname: "host".into() });
        machine.install(crate::programs());
        let sys = machine.init();
        sys.umask(0);
        for folder in ["/bin", "/etc", "/tmp"] {
            let _ = sys.mkdir(folder, 0o777);
        }
        for name in crate::names().chain(["busybox"]) {
            sys.put_file(&format!("/bin/{name}"), FileContent::from(machine::program_file(name)), 0o755).unwrap();
        }
        sys.put_file("/etc/hosts", b"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n"[..].into(), 0o644).unwrap();
        sys.put_file("/etc/resolv.conf", b"nameserver 127.0.0.11\noptions ndots:0\n"[..].into(), 0o644).unwrap();
        sys.put_file("/etc/passwd", b"root:x:0:0:root:/root:/bin/bash\n"[..].into(), 0o644).unwrap();
        sys.add_bridge(HOST, "br0", [2, 0x42, 0, 0, 0, 1]).unwrap();
        sys.add_address(HOST, "br0", [172, 18, 0, 1].into(), 16).unwrap();
        sys.set_link_up(HOST, "br0", true).unwrap();
        let container = |n: u8| {
            let ns = sys.netns_create().unwrap();
            let veth = format!("veth{n}");
            sys.add_veth((HOST, &veth, [6, 0, 0, 0, 0, n]), (ns, "eth0", [2, 0x42, 172, 18, 0, n])).unwrap();
            sys.set_master(HOST, &veth, Some("br0")).unwrap();
            sys.set_link_up(HOST, &veth, true).unwrap();
            sys.set_link_up(ns, "lo", true).unwrap();
            sys.add_address(ns, "eth0", [172, 18, 0, n].into(), 16).unwrap();
            sys.set_link_up(ns, "eth0", true).unwrap();
            let gateway = Some([172, 18, 0, 1].into());
            let destination = ([0, 0, 0, 0].into(), 0);
            sys.add_route(ns, Route { destination, gateway, interface: "eth0".into(), source: None }).unwrap();
            ns
        };
        let (a, b) = (container(2), container(3));
        let lab = Lab { machine, a, b };
        lab.start(a, name_server);
        lab.start(b, |sys| web_server(sys, "0.0.0.0:80"));
        lab
    }

    fn start<F: Future<Output = ()> + 'static>(&self, ns: NetNamespaceId, body: impl FnOnce(Sys) -> F + 'static) {
        let run = move |sys: Sys| async move {
            sys.set_netns(ns).unwrap();
            body(sys.clone()).await;
            ExitCode::SUCCESS
        };
        self.machine.start(run).unwrap();
        self.machine.run(self.machine.now() + Duration::from_millis(1), u64::MAX);
    }

    /// Runs a command line in a namespace: what it put out, standard error included, and its status.
    fn run(&self, ns: NetNamespaceId, command: &str) -> (String, u8) {
        let args: Vec<String> = command.split(' ').map(String::from).collect();
        let outcome: Rc<RefCell<Option<(String, u8)>>> = Rc::default();
        let result = outcome.clone();
        let run = move |sys: Sys| async move {
            sys.set_netns(ns).unwrap();
            let (read, write) = sys.pipe(true).unwrap();
            let (input, closed) = sys.pipe(true).unwrap();
            sys.close(closed).unwrap();
            let fds = vec![(Fd::STDIN, input), (Fd::STDOUT, write), (Fd::STDERR, write)];
            let path = format!("/bin/{}", args[0]);
            let spawn = Spawn {
                path,
                args,
                env: Some(vec!["LANG=C.UTF-8".into()]),
                fds,
                cwd: Some("/tmp".into()),
                ..Spawn::default()
            };
            let pid = sys.spawn(spawn).unwrap();
            sys.close(write).unwrap();
            let text = sys.read_to_end(read, 1 << 20).await.unwrap();
            let status = sys.waitpid(WaitFor::Process(pid), WaitOptions::default()).await.unwrap().unwrap().1;
            let code = if let WaitStatus::Exited(code) = status { code } else { status.code() };
            *result.borrow_mut() = Some((String::from_utf8(text).unwrap(), code));
            ExitCode::SUCCESS
        };
        self.machine.start(run).unwrap();
        for _ in 0..300 {
            self.machine.run(self.machine.now() + Duration::from_secs(1), u64::MAX);
            if let Some(outcome) = outcome.borrow_mut().take() {
                return outcome;
            }
        }
        panic!("{command} does not end");
    }

    fn check(&self, ns: NetNamespaceId, command: &str, expected: &str, status: u8) {
        let (text, code) = self.run(ns, command);
        assert_eq!((blur(&text), code), (expected.to_string(), status), "{command}");
    }
}

/// Times of packets are not what these tests are about.
fn blur(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let line = match line.split_once(" time=") {
            Some((before, _)) => format!("{before} time=T"),
            None if line.starts_with("--1970") => line.replacen(&line[2..21], "CLOCK", 1),
            None if line.starts_with("rtt ") || line.starts_with("round-trip ") => "TIMES".to_string(),
            None => line.to_string(),
        };
        out += &line;
        out.push('\n');
    }
    out
}

async fn name_server(sys: Sys) {
    let fd = sys.socket(SocketKind::Udp4).unwrap();
    sys.bind(fd, &inet("127.0.0.11:53")).unwrap();
    loop {
        let Ok(datagram) = sys.recv_from(fd).await else { return };
        let question = Message::decode(&datagram.data).unwrap();
        let asked = question.questions[0].clone();
        let record = |data| vec![Record { name: asked.name.clone(), ttl: 600, data }];
        let answer = match (asked.name.as_str(), asked.record_type) {
            ("bb", RecordType::A) => {
                question.answer(ResponseCode::NoError, record(RecordData::A([172, 18, 0, 3].into())))
            }
            ("bb", _) => question.answer(ResponseCode::NoError, vec![]),
            ("3.0.18.172.in-addr.arpa", _) => {
                question.answer(ResponseCode::NoError, record(RecordData::Ptr("bb.net".into())))
            }
            _ => question.answer(ResponseCode::NameError, vec![]),
        };
        sys.send_to(fd, &answer.encode().unwrap(), &datagram.from).unwrap();
    }
}

async fn web_server(sys: Sys, at: &str) {
    let listener = sys.socket(SocketKind::Tcp4).unwrap();
    sys.bind(listener, &inet(at)).unwrap();
    sys.listen(listener, 8).unwrap();
    loop {
        let Ok((fd, _)) = sys.accept(listener).await else { return };
        let request = sys.read_vec(fd, 4096).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&request).into_owned();
        let answer: &[u8] = match text.split(' ').nth(1).unwrap_or("") {
            "/chunks" => b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n\n\r\n0\r\n\r\n",
            "/moved" => b"HTTP/1.1 301 Moved Permanently\r\nLocation: /\r\nContent-Length: 6\r\n\r\nmoved\n",
            "/none" => b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nnone\n",
            "/nothing" => b"",
            "/rude" => b"-ERR unknown command\r\n",
            "/half" => b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf\n",
            _ => b"HTTP/1.1 200 OK\r\nServer: test\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nhi\n",
        };
        let body = text.split_once("\r\n\r\n").map(|(_, b)| b.to_string()).unwrap_or_default();
        let echo = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let answer = if text.starts_with("POST") { echo.as_bytes() } else { answer };
        let _ = sys.write_all(fd, answer).await;
        let _ = sys.close(fd);
    }
}

#[test]
fn ping_speaks_as_iputils_and_busybox() {
    let lab = Lab::new();
    lab.check(
        lab.a,
        "ping -c 2 bb",
        "PING bb (172.18.0.3) 56(84) bytes of data.\n\
        64 bytes from bb.net (172.18.0.3): icmp_seq=1 ttl=64 time=T\n\
        64 bytes from bb.net (172.18.0.3): icmp_seq=2 ttl=64 time=T\n\n\
        --- bb ping statistics ---\n\
        2 packets transmitted, 2 received, 0% packet loss, time 1000ms\nTIMES\n",
        0,
    );
    lab.check(
        lab.a,
        "busybox ping -c 2 bb",
        "PING bb (172.18.0.3): 56 data bytes\n\
        64 bytes from 172.18.0.3: seq=0 ttl=64 time=T\n\
        64 bytes from 172.18.0.3: seq=1 ttl=64 time=T\n\n\
        --- bb ping statistics ---\n\
        2 packets transmitted, 2 packets received, 0% packet loss\nTIMES\n",
        0,
    );
    lab.check(lab.a, "ping -c 1 nosuch", "ping: nosuch: Name or service not known\n", 2);
    lab.check(lab.a, "busybox ping -c 1 nosuch", "ping: bad address 'nosuch'\n", 1);
    lab.check(lab.a, "ping", "ping: usage error: Destination address required\n", 2);
    lab.check(lab.a, "ping -c x bb", "ping: invalid argument: 'x'\n", 2);
    lab.check(
        lab.a,
        "ping -c 1 172.18.0.9",
        "PING 172.18.0.9 (172.18.0.9) 56(84) bytes of data.\n\
        From 172.18.0.2 icmp_seq=1 Destination Host Unreachable\n\n\
        --- 172.18.0.9 ping statistics ---\n\
        1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n\n",
        1,
    );
    let alone = lab.machine.init().netns_create().unwrap();
    lab.check(alone, "ping -c 1 1.1.1.1", "ping: connect: Network is unreachable\n", 2);
}

#[test]
fn ip_shows_addresses_links_and_routes() {
    let lab = Lab::new();
    lab.check(
        lab.a,
        "ip a",
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    \
            link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    \
            inet 127.0.0.1/8 scope host lo\n       \
               valid_lft forever preferred_lft forever\n    \
            inet6 ::1/128 scope host \n       \
               valid_lft forever preferred_lft forever\n\
        2: eth0@if4: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default \n    \
            link/ether 02:42:ac:12:00:02 brd ff:ff:ff:ff:ff:ff link-netnsid 0\n    \
            inet 172.18.0.2/16 brd 172.18.255.255 scope global eth0\n       \
               valid_lft forever preferred_lft forever\n",
        0,
    );
    lab.check(
        lab.a,
        "busybox ip addr show dev eth0",
        "2: eth0@if4: <BROADCAST,MULTICAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue \n    \
            link/ether 02:42:ac:12:00:02 brd ff:ff:ff:ff:ff:ff\n    \
            inet 172.18.0.2/16 brd 172.18.255.255 scope global eth0\n       \
               valid_lft forever preferred_lft forever\n",
        0,
    );
    lab.check(
        lab.a,
        "ip r",
        "default via 172.18.0.1 dev eth0 \n172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.2 \n",
        0,
    );
    lab.check(
        lab.a,
        "busybox ip route",
        "default via 172.18.0.1 dev eth0 \n172.18.0.0/16 dev eth0 scope link  src 172.18.0.2 \n",
        0,
    );
    lab.check(lab.a, "ip route get 8.8.8.8", "8.8.8.8 via 172.18.0.1 dev eth0 src 172.18.0.2 uid 0 \n    cache \n", 0);
    lab.check(
        HOST,
        "ip -br link",
        "lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> \n\
        eth0             UP             52:54:00:12:34:56 <BROADCAST,MULTICAST,UP,LOWER_UP> \n\
        br0              UP             02:42:00:00:00:01 <BROADCAST,MULTICAST,UP,LOWER_UP> \n\
        veth2@if2        UP             06:00:00:00:00:02 <BROADCAST,MULTICAST,UP,LOWER_UP> \n\
        veth3@if2        UP             06:00:00:00:00:03 <BROADCAST,MULTICAST,UP,LOWER_UP> \n",
        0,
    );
    lab.check(HOST, "ip addr show dev foo", "Device \"foo\" does not exist.\n", 1);
    lab.check(HOST, "ip foo", "Object \"foo\" is unknown, try \"ip help\".\n", 1);
    lab.check(HOST, "ip addr foo", "Command \"foo\" is unknown, try \"ip address help\".\n", 255);
    lab.check(HOST, "ip link set foo up", "Cannot find device \"foo\"\n", 1);
}

#[test]
fn ip_changes_what_is_real() {
    let lab = Lab::new();
    lab.check(lab.b, "ip link set eth0 down", "", 0);
    lab.check(lab.b, "ip r", "", 0);
    assert_eq!(lab.run(lab.a, "ping -c 1 -W 1 -q 172.18.0.3").1, 1);
    lab.check(lab.b, "ip link set dev eth0 up", "", 0);
    lab.check(lab.b, "ip route add default via 172.18.0.1", "", 0);
    lab.check(lab.b, "ip route add default via 172.18.0.1 dev eth0", "RTNETLINK answers: File exists\n", 2);
    assert_eq!(lab.run(lab.a, "ping -c 1 -q 172.18.0.3").1, 0);
    lab.check(lab.b, "ip addr add 172.18.0.30/16 dev eth0", "", 0);
    assert_eq!(lab.run(lab.a, "ping -c 1 -q 172.18.0.30").1, 0);
}

#[test]
fn sockets_are_listed() {
    let lab = Lab::new();
    assert_eq!(lab.run(lab.a, "curl -s 172.18.0.3").1, 0);
    let header = "State Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n";
    lab.check(lab.b, "ss -tn", header, 0);
    assert_eq!(lab.run(lab.b, "ss -tan state time-wait").0.lines().count(), 2);
    lab.check(
        lab.b,
        "ss -tln",
        "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n\
        LISTEN 0      8            0.0.0.0:80        0.0.0.0:*          \n",
        0,
    );
    lab.check(
        lab.b,
        "netstat -tln",
        "Active Internet connections (only servers)\n\
        Proto Recv-Q Send-Q Local Address           Foreign Address         State      \n\
        tcp        0      0 0.0.0.0:80              0.0.0.0:*               LISTEN     \n",
        0,
    );
    lab.check(
        lab.a,
        "netstat -rn",
        "Kernel IP routing table\n\
        Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n\
        0.0.0.0         172.18.0.1      0.0.0.0         UG        0 0          0 eth0\n\
        172.18.0.0      0.0.0.0         255.255.0.0     U         0 0          0 eth0\n",
        0,
    );
    lab.check(
        lab.a,
        "route -n",
        "Kernel IP routing table\n\
        Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n\
        0.0.0.0         172.18.0.1      0.0.0.0         UG    0      0        0 eth0\n\
        172.18.0.0      0.0.0.0         255.255.0.0     U     0      0        0 eth0\n",
        0,
    );
    let (text, _) = lab.run(lab.b, "ss -tlnp");
    assert!(text.contains("users:((\"init\",pid="), "{text}");
    let (text, _) = lab.run(lab.a, "ifconfig eth0");
    assert!(text.starts_with("eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet 172.18.0.2  netmask 255.255.0.0  broadcast 172.18.255.255\n"), "{text}");
    let (text, _) = lab.run(lab.a, "busybox ifconfig lo");
    assert!(text.starts_with("lo        Link encap:Local Loopback  \n          inet addr:127.0.0.1  Mask:255.0.0.0\n          inet6 addr: ::1/128 Scope:Host\n          UP LOOPBACK RUNNING  MTU:65536  Metric:1\n"), "{text}");
}

#[test]
fn names_are_asked_for() {
    let lab = Lab::new();
    lab.check(
        lab.a,
        "busybox nslookup bb",
        "Server:\t\t127.0.0.11\nAddress:\t127.0.0.11:53\n\n\
        Non-authoritative answer:\n\nNon-authoritative answer:\nName:\tbb\nAddress: 172.18.0.3\n\n",
        0,
    );
    lab.check(
        lab.a,
        "busybox nslookup nosuch",
        "Server:\t\t127.0.0.11\nAddress:\t127.0.0.11:53\n\n\
        ** server can't find nosuch: NXDOMAIN\n\n** server can't find nosuch: NXDOMAIN\n\n",
        1,
    );
    lab.check(
        lab.a,
        "nslookup bb",
        "Server:\t\t127.0.0.11\nAddress:\t127.0.0.11#53\n\n\
        Non-authoritative answer:\nName:\tbb\nAddress: 172.18.0.3\n\n",
        0,
    );
    lab.check(
        lab.a,
        "nslookup nosuch",
        "Server:\t\t127.0.0.11\nAddress:\t127.0.0.11#53\n\n\
        ** server can't find nosuch: NXDOMAIN\n\n",
        1,
    );
    lab.check(lab.a, "getent hosts bb", "172.18.0.3      bb\n", 0);
    lab.check(lab.a, "getent hosts nosuch", "", 2);
    lab.check(lab.a, "getent hosts localhost", "::1             localhost ip6-localhost\n", 0);
    lab.check(lab.a, "getent passwd root", "root:x:0:0:root:/root:/bin/bash\n", 0);
    lab.check(
        lab.a,
        "getent foo",
        "Unknown database: foo\nTry `getent --help' or `getent --usage' for more information.\n",
        1,
    );
}

#[test]
fn netcat_connects_and_listens() {
    let lab = Lab::new();
    lab.check(lab.a, "nc -zv 172.18.0.3 80", "Connection to 172.18.0.3 80 port [tcp/*] succeeded!\n", 0);
    lab.check(lab.a, "nc -zv 172.18.0.3 81", "nc: connect to 172.18.0.3 port 81 (tcp) failed: Connection refused\n", 1);
    lab.check(lab.a, "nc -z nosuch 1", "nc: getaddrinfo for host \"nosuch\" port 1: Name or service not known\n", 1);
    lab.check(
        lab.a,
        "nc -zv -w 2 172.18.0.9 81",
        "nc: connect to 172.18.0.9 port 81 (tcp) timed out: Operation now in progress\n",
        1,
    );
    lab.check(lab.a, "nc localhost abc", "nc: port number invalid: abc\n", 1);
    lab.start(lab.a, |sys| async move {
        sys.sleep(Duration::from_millis(10)).await.unwrap();
        let fd = sys.socket(SocketKind::Tcp4).unwrap();
        sys.connect(fd, &inet("172.18.0.3:9000")).await.unwrap();
        sys.write_all(fd, b"through\n").await.unwrap();
    });
    lab.check(lab.b, "nc -l -p 9000", "through\n", 0);
}

#[test]
fn curl_and_wget_fetch() {
    let lab = Lab::new();
    lab.check(lab.a, "curl -s bb", "hi\n", 0);
    lab.check(lab.a, "curl -s http://bb/chunks", "hello\n", 0);
    lab.check(lab.a, "curl -sL bb/moved -w %{http_code}-%{num_redirects}\\n", "hi\n200-1\n", 0);
    lab.check(lab.a, "curl -sS -d a=1 --data b=2 bb", "a=1&b=2\n", 0);
    lab.check(
        lab.a,
        "curl -sI bb",
        "HTTP/1.1 200 OK\r\nServer: test\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n"
            .replace("\r\n", "\n")
            .as_str(),
        0,
    );
    lab.check(lab.a, "curl -sSf bb/none", "curl: (22) The requested URL returned error: 404\n", 22);
    lab.check(lab.a, "curl -sS bb/nothing", "curl: (52) Empty reply from server\n", 52);
    lab.check(lab.a, "curl -sS bb/rude", "curl: (1) Received HTTP/0.9 when not allowed\n", 1);
    lab.check(lab.a, "curl -sS bb/half", "half\ncurl: (18) transfer closed with 5 bytes remaining to read\n", 18);
    lab.check(lab.a, "curl -sS http://nosuch/", "curl: (6) Could not resolve host: nosuch\n", 6);
    lab.check(
        lab.a,
        "curl -sS bb:81",
        "curl: (7) Failed to connect to bb port 81 after 0 ms: Couldn't connect to server\n",
        7,
    );
    lab.check(
        lab.a,
        "curl -sS --connect-timeout 1 172.18.0.9",
        "curl: (28) Connection timed out after 1000 milliseconds\n",
        28,
    );
    lab.check(lab.a, "curl", "curl: try 'curl --help' or 'curl --manual' for more information\n", 2);
    lab.check(
        lab.a,
        "busybox wget -O - bb",
        "Connecting to bb (172.18.0.3:80)\nwriting to stdout\nhi\n\
        -                    100% |********************************|     3  0:00:00 ETA\nwritten to stdout\n",
        0,
    );
    lab.check(
        lab.a,
        "busybox wget http://172.18.0.3:81/",
        "Connecting to 172.18.0.3:81 (172.18.0.3:81)\n\
        wget: can't connect to remote host (172.18.0.3): Connection refused\n",
        1,
    );
    lab.check(
        lab.a,
        "busybox wget -T 2 172.18.0.9",
        "Connecting to 172.18.0.9 (172.18.0.9:80)\nwget: download timed out\n",
        1,
    );
    lab.check(
        lab.a,
        "wget http://172.18.0.3:81/",
        "--CLOCK--  http://172.18.0.3:81/\n\
        Connecting to 172.18.0.3:81... failed: Connection refused.\n",
        4,
    );
    assert_eq!(lab.run(lab.a, "wget -q bb").1, 0);
    assert_eq!(lab.machine.init().read_file("/tmp/index.html").unwrap(), b"hi\n");
}
