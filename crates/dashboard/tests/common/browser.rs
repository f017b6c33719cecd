//! A headless Chromium that is told what to do over a pipe: its DevTools protocol is
//! JSON with a zero byte after each message, so that no library is needed.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Where a Chromium may be.
const PROGRAMS: [&str; 3] =
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// A page in a browser.
pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    sent: u64,
    /// Errors and warnings of the page's console, and exceptions.
    pub complaints: VecDeque<String>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// A browser with an empty page; `None`, said by name, where there is none.
    pub fn open(test: &str) -> Option<Browser> {
        let Some(program) = PROGRAMS.into_iter().find(|program| Path::new(program).exists()) else {
            eprintln!("skipped: {test}: no Chromium at {}", PROGRAMS.join(", "));
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        // The protocol speaks over files 3 and 4, which only a shell can set up safely.
        let line = format!(
            "exec {program} --headless=new --no-sandbox --disable-gpu --no-first-run \
             --hide-scrollbars --user-data-dir={} --remote-debugging-pipe about:blank \
             3<&0 4>&1 >/dev/null 2>/dev/null",
            profile.path().display()
        );
        let mut command = Command::new("sh");
        command.args(["-c", &line]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let to = child.stdin.take().unwrap();
        let from = BufReader::new(child.stdout.take().unwrap());
        let complaints = VecDeque::new();
        let mut browser =
            Browser { child, to, from, session: None, sent: 0, complaints, _profile: profile };
        browser.attach();
        Some(browser)
    }

    fn attach(&mut self) {
        let targets = self.call("Target.getTargets", json!({}));
        let pages = targets["targetInfos"].as_array().unwrap();
        let page = pages.iter().find(|target| target["type"] == "page").unwrap();
        let wish = json!({"targetId": page["targetId"], "flatten": true});
        let attached = self.call("Target.attachToTarget", wish);
        self.session = Some(attached["sessionId"].as_str().unwrap().into());
        for domain in ["Page", "Runtime", "Log"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
    }

    /// Calls a method of the protocol.
    pub fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let answer = self.hear();
            if answer["id"] == self.sent {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    fn hear(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).unwrap();
        bytes.pop();
        let message: Value = serde_json::from_slice(&bytes).unwrap();
        let parameters = &message["params"];
        let bad = match message["method"].as_str() {
            Some("Runtime.exceptionThrown") => true,
            Some("Runtime.consoleAPICalled") => parameters["type"] != "log",
            Some("Log.entryAdded") => parameters["entry"]["level"] != "verbose",
            _ => false,
        };
        if bad {
            self.complaints.push_back(parameters.to_string());
        }
        message
    }

    /// Goes to an address, as large a window as given, in light or dark.
    pub fn go(&mut self, url: &str, width: u32, height: u32, dark: bool) {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", size);
        let scheme = if dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", media);
        self.call("Page.navigate", json!({"url": url}));
    }

    /// What an expression of the page is.
    pub fn is(&mut self, expression: &str) -> Value {
        let wish = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let answer = self.call("Runtime.evaluate", wish);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression of the page is true.
    pub fn wait(&mut self, expression: &str) {
        let start = Instant::now();
        let tried = format!("(() => {{ try {{ return Boolean({expression}) }} catch {{ }} }})()");
        while self.is(&tried) != true {
            let text = self.is("document.body?.innerText");
            assert!(start.elapsed() < Duration::from_secs(30), "never: {expression}\n{text}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses a key where the page's focus is: `ArrowDown` or `Enter`.
    pub fn press(&mut self, key: &str) {
        let (code, text) = if key == "Enter" { (13, "\r") } else { (40, "") };
        for kind in ["keyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "code": key, "text": text,
                               "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", event);
        }
    }

    /// A picture of the window, if `GRADWISE_SCREENSHOTS` names a folder for it.
    pub fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("GRADWISE_SCREENSHOTS") else { return };
        let answer = self.call("Page.captureScreenshot", json!({"format": "png"}));
        let text = answer["data"].as_str().unwrap();
        let bytes = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, text).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
