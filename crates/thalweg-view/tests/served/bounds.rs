//! How much is read.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::client::{Served, new, shared};

const GIGABYTE: usize = 1 << 30;

fn post(page: &Served, fields: &str) -> String {
    let Served { address, token } = page;
    format!("POST /{token}/toy/play HTTP/1.1\r\nHost: {address}\r\n{fields}\r\n\r\n")
}

#[test]
fn a_gigabyte_is_refused_by_its_length_before_it_comes() {
    let page = shared();
    let reply = page.raw(post(page, &format!("Content-Length: {GIGABYTE}")).as_bytes());
    assert_eq!((reply.status, reply.text().contains("65536")), (413, true));
    let reply = page.raw(post(page, "Content-Length: 65537").as_bytes());
    assert_eq!(reply.status, 413);
}

#[test]
fn a_gigabyte_in_chunks_is_refused_where_it_passes_the_bound() {
    let page = shared();
    let mut request = post(page, "Transfer-Encoding: chunked").into_bytes();
    request.extend_from_slice(format!("{GIGABYTE:x}\r\n").as_bytes());
    assert_eq!(page.raw(&request).status, 413);

    // Small chunks without end: a client that sends until it is hung up on.
    let mut stream = TcpStream::connect(&page.address).unwrap();
    stream
        .write_all(post(page, "Transfer-Encoding: chunked").as_bytes())
        .unwrap();
    let chunk = [b"400\r\n".as_slice(), &[b' '; 1024], b"\r\n"].concat();
    let sent = (0..GIGABYTE / 1024)
        .take_while(|_| stream.write_all(&chunk).is_ok())
        .count();
    assert!(sent < 64 << 10, "{sent} chunks of 1024 bytes were read");
}

#[test]
fn chunks_within_the_bound_are_a_body() {
    let page = shared();
    let mut request = post(page, "Transfer-Encoding: chunked").into_bytes();
    request.extend_from_slice(b"5\r\n{\"pla\r\nd\r\nying\": \"no\"} \r\n0\r\n\r\n");
    let reply = page.raw(&request);
    assert_eq!(reply.status, 422, "{}", reply.text());
    assert!(
        reply.text().contains("invalid type: string \"no\""),
        "{}",
        reply.text()
    );
}

#[test]
fn a_head_has_bounds_and_one_meaning() {
    let page = shared();
    let long = "a".repeat(32 << 10);
    let many: String = (0..100).map(|n| format!("X-{n}: 1\r\n")).collect();
    let status = |fields: &str| page.raw(post(page, fields).as_bytes()).status;
    assert_eq!(status(&format!("X: {long}")), 431);
    assert_eq!(status(many.trim_end()), 431);
    for fields in [
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Content-Length: -1",
        "Content-Length: +1",
        "Content-Length: 99999999999999999999999",
        "Transfer-Encoding: gzip, chunked",
        "no field",
    ] {
        assert_eq!(status(fields), 400, "{fields}");
    }
    assert_eq!(page.raw(b"\x16\x03\x01\x02\x00\x01").status, 400);
    assert_eq!(page.head("PUT / HTTP/1.1\nHost: localhost").status, 405);
}

#[test]
fn idle_connections_leave_a_place_when_they_end() {
    // Not the page of the other tests, whose connections would be refused.
    let page = new();
    let ask = |request: &[u8]| {
        let mut stream = TcpStream::connect(&page.address)?;
        stream.write_all(request)?;
        stream.shutdown(Shutdown::Write)?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply).map(|_| reply)
    };
    let get = format!("GET /{}/ HTTP/1.1\r\nHost: localhost\r\n\r\n", page.token);
    let answered = || ask(get.as_bytes()).is_ok_and(|reply| reply.starts_with("HTTP/1.1 200 "));
    let idle: Vec<_> = (0..64)
        .map(|_| TcpStream::connect(&page.address).unwrap())
        .collect();
    assert!(!answered());
    drop(idle);
    while !answered() {}
    // One that hangs up within its request.
    let reply = ask(b"GET / HT").unwrap();
    assert!(reply.starts_with("HTTP/1.1 400 "), "{reply}");
}
