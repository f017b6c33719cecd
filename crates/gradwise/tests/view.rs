//! The dashboard from the shell: the address it prints, mistakes, and its end.
#![cfg(feature = "dashboard")]

mod common;

use common::{bad, command, folder, good, trained};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};

/// What the dashboard at an address answers to a path.
fn answer(url: &str, path: &str) -> String {
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Waits until a path answers with a word.
fn wait(url: &str, path: &str, word: &str) {
    for _ in 0..400 {
        if answer(url, path).contains(word) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("never {word}: {}", answer(url, path));
}

fn start(folder: &Path, arguments: &[&str]) -> Child {
    let mut command = command(folder, arguments);
    // No browser is to come up where the tests run on a desktop.
    command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[cfg(unix)]
fn interrupt(process: u32) {
    let line = format!("kill -INT {process}");
    let status = std::process::Command::new("sh").args(["-c", &line]).status();
    assert!(status.unwrap().success());
}

#[cfg(unix)]
#[test]
fn it_prints_its_address_waits_for_runs_and_ends_at_once() {
    let folder = folder();
    let mut child = start(folder.path(), &["view", "--no-open", "--port", "0"]);
    let mut url = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let url = url.trim();
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert!(answer(url, "/").contains("<title>gradwise</title>"));
    trained(folder.path());
    wait(url, "/api/runs", "\"iris-1\"");
    interrupt(child.id());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(said.contains("runs is not there yet: waiting for it"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_training_is_shown_and_its_page_stays_until_ctrl_c() {
    let folder = folder();
    good(folder.path(), &["new", "iris", "-o", "iris.toml"]);
    let arguments = ["train", "iris.toml", "--view", "--set", "train.epochs=5"];
    let mut child = start(folder.path(), &arguments);
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.by_ref().find(|line| line.starts_with("dashboard: ")).unwrap();
    let url = line.trim_start_matches("dashboard: ").to_string();
    lines.by_ref().find(|line| line.contains("the page stays")).unwrap();
    wait(&url, "/api/runs", "\"ended\"");
    interrupt(child.id());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_port_that_is_taken_and_a_file_are_mistakes() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    bad(folder.path(), &["view", "--no-open", "--port", &port], 2, &["taken", "--port", &port]);
    std::fs::write(folder.path().join("run.toml"), "").unwrap();
    bad(folder.path(), &["view", "run.toml"], 2, &["run.toml: it is a file", "runs/run-1"]);
    let nowhere = ["view", "--host", "192.0.2.1", "--no-open"];
    bad(folder.path(), &nowhere, 2, &["192.0.2.1", "no address of this machine"]);
}
