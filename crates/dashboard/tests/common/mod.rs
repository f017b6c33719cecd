//! A dashboard over folders of a test, and a client that can say anything.
#![allow(dead_code)]

use gradwise_dashboard::{Dashboard, Options};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A dashboard that ends with the test.
pub struct Served {
    /// Where it listens.
    pub port: u16,
    /// Its address, with the token if there is one.
    pub url: String,
    stop: Arc<AtomicBool>,
}

impl Served {
    /// Of the runs below a folder.
    pub fn new(root: &Path) -> Served {
        Served::at(root, None)
    }

    /// The same, listening at a host.
    pub fn at(root: &Path, host: Option<&str>) -> Served {
        let host = host.map(String::from);
        let options = Options { roots: vec![root.into()], host, port: Some(0) };
        let dashboard = Dashboard::bind(options).unwrap();
        let url = dashboard.url().to_string();
        let port = url.split(['/', ':']).find_map(|part| part.parse().ok()).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        std::thread::spawn(move || dashboard.run(&stopped).unwrap());
        Served { port, url, stop }
    }

    /// Sends a request with these headers besides a right `Host`, or instead of it.
    pub fn ask(&self, line: &str, headers: &[(&str, &str)]) -> Answer {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let mut text = format!("{line} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            text += &format!("Host: 127.0.0.1:{}\r\n", self.port);
        }
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        stream.write_all((text + "\r\n").as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// What a path says, as JSON.
    pub fn json(&self, path: &str) -> Value {
        let answer = self.ask(&format!("GET {path}"), &[]);
        assert_eq!(answer.status(), 200, "{path}: {}", answer.0);
        serde_json::from_str(answer.body()).unwrap()
    }

    /// The runs, once the list is as a test wants it.
    pub fn wait(&self, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let start = Instant::now();
        loop {
            let list = self.json("/api/runs?since=0");
            let runs = list["runs"].as_array().unwrap().clone();
            if wanted(&runs) {
                return runs;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "{list:#}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// An answer as it came.
pub struct Answer(pub String);

impl Answer {
    /// Its status.
    pub fn status(&self) -> u16 {
        self.0.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    /// What follows the headers.
    pub fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.0.split("\r\n\r\n").next()?;
        let lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

/// The record of a start with two layers.
pub fn start(seed: u64) -> Value {
    let layer = |name: &str, units: usize| json!({"name": name, "units": units, "activation": "tanh", "init": "xavier", "parameters": 9});
    json!({"kind": "start", "version": 1, "program": "test", "time": 1.7e9 + seed as f64,
           "seed": seed, "task": "classification", "rows": 64, "validation_rows": 8,
           "test_rows": 0, "features": 4, "outputs": ["a", "b"], "batch": 8,
           "steps_per_epoch": 8, "epochs": 100, "precision": "f32", "parameters": 99,
           "layers": [layer("dense1", 16), layer("output", 2)]})
}

/// The records of steps with the loss that a function has, layers measured at each.
pub fn steps(range: std::ops::RangeInclusive<u64>, loss: impl Fn(u64) -> f64) -> Vec<Value> {
    let mut records = Vec::new();
    for i in range {
        let loss = loss(i);
        let loss = if loss.is_finite() { json!(loss) } else { json!("nan") };
        records.push(json!({"kind": "step", "step": i, "epoch": 1 + (i - 1) / 8, "loss": loss,
                            "data_loss": loss, "penalty": 0.0, "lr": 0.1, "seconds": i as f64}));
        for (layer, statistic, value) in [
            ("dense1", "mean", 0.0),
            ("dense1", "std", 0.5),
            ("dense1", "min", -1.0),
            ("dense1", "max", 1.0),
            ("output", "mean", 0.5),
        ] {
            let measure = format!("activation.{statistic}");
            records.push(json!({"kind": "layer", "step": i, "layer": layer, "measure": measure,
                                "value": value}));
        }
    }
    records
}

/// The record of an end.
pub fn end(step: u64) -> Value {
    json!({"kind": "end", "reason": "done", "step": step, "epoch": 1, "best_epoch": 1,
           "test": {}, "validation": {}, "seconds": 1.0})
}

/// Appends records to the log of a run folder, which is made if it is not there.
pub fn append(folder: &Path, records: &[Value]) {
    std::fs::create_dir_all(folder).unwrap();
    let log = folder.join("events.jsonl");
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(log).unwrap();
    let text: String = records.iter().map(|record| format!("{record}\n")).collect();
    file.write_all(text.as_bytes()).unwrap();
}
