//! The page of `thalweg view`: that it is served, and what keeps it from it. What it answers is tested in `thalweg-view`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use thalweg::models::CouplingFlowConfig;

use crate::{error, fitted};

/// A page that ends with this.
struct Page(Child);

impl Drop for Page {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A page with these arguments, and its address.
fn page(arguments: &[&str]) -> (Page, String) {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("thalweg"));
    command
        .args(["view", "--no-open", "--json"])
        .args(arguments);
    command
        .current_dir(fitted())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut page = Page(command.spawn().expect("the program starts"));
    let mut line = String::new();
    let output = page.0.stdout.take().expect("a pipe");
    BufReader::new(output).read_line(&mut line).expect("a line");
    let said: Value = serde_json::from_str(&line).expect("JSON");
    (page, said["url"].as_str().expect("an address").to_owned())
}

fn post(url: &str, path: &str) -> String {
    let (host, token) = url
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .expect("an address");
    let mut stream = TcpStream::connect(host).expect("a connection");
    write!(
        stream,
        "POST /{token}{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n\r\n{{}}"
    )
    .expect("a request");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("a reply");
    reply
}

#[test]
fn a_toy_and_a_table_are_served() {
    for (arguments, part) in [
        (vec!["@rings"], "\"first\":\"rings\""),
        (
            vec!["model.safetensors", "--data", "@penguins"],
            "\"has_data\":true",
        ),
    ] {
        let (_page, url) = page(&arguments);
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        let reply = post(&url, "about");
        assert!(
            reply.starts_with("HTTP/1.1 200 OK") && reply.contains(part),
            "{reply}"
        );
    }
}

#[test]
fn what_cannot_be_shown_is_an_error_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let flow = fitted().join("flow.safetensors");
    CouplingFlowConfig::nsf(2)
        .init(&Default::default())
        .save(&flow)
        .expect("a file");
    for (code, arguments, part) in [
        (1, vec!["@three_moons"], "two_moons, rings"),
        (1, vec!["none.safetensors"], "none.safetensors"),
        (
            1,
            vec!["flow.safetensors"],
            "coupling flow, which this verb does not take",
        ),
        (1, vec!["--port", &port], "`--port`"),
        (
            2,
            vec!["@rings", "--data", "@penguins"],
            "`--data` is for models",
        ),
    ] {
        let all = [&["view", "--no-open"], arguments.as_slice()].concat();
        let said = error(fitted(), code, &all);
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
}
