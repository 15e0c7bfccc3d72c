//! A headless Chromium, driven by the DevTools protocol over two named pipes.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::PATIENCE;

pub(crate) struct Browser {
    child: Child,
    /// Its profile and the pipes.
    folder: TempDir,
    input: File,
    messages: Receiver<Value>,
    next_id: u64,
    session: Option<String>,
    /// What its pages complained of.
    pub(crate) complaints: Vec<String>,
}

impl Browser {
    /// Starts a browser; `None` where there is none.
    pub(crate) fn start() -> Option<Self> {
        let program = ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(in_path)?;
        let folder = tempfile::tempdir().unwrap();
        let pipes = [folder.path().join("in"), folder.path().join("out")];
        assert!(Command::new("mkfifo").args(&pipes).status().unwrap().success());
        let child = Command::new("sh")
            .args(["-c", "exec \"$0\" --headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-dev-shm-usage --remote-debugging-pipe --user-data-dir=\"$1\" about:blank 3<\"$2\" 4>\"$3\""])
            .arg(program)
            .arg(folder.path().join("profile"))
            .args(&pipes)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = OpenOptions::new().write(true).open(&pipes[0]).unwrap();
        let mut output = BufReader::new(File::open(&pipes[1]).unwrap());
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            while output.read_until(0, &mut bytes).is_ok_and(|length| length > 0) {
                bytes.pop();
                if sender.send(serde_json::from_slice(&bytes).unwrap()).is_err() {
                    return;
                }
                bytes.clear();
            }
        });
        let mut browser = Self { child, folder, input, messages, next_id: 0, session: None, complaints: Vec::new() };
        let target = browser.ask("Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        let attached = browser.ask("Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(ToOwned::to_owned);
        for domain in ["Page", "Runtime", "Log"] {
            browser.ask(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Gives the window this size and the user this liking for dark or light.
    pub(crate) fn look(&mut self, (width, height): (u32, u32), scheme: &str) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.ask("Emulation.setDeviceMetricsOverride", size);
        let feature = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.ask("Emulation.setEmulatedMedia", json!({ "features": feature }));
    }

    pub(crate) fn open(&mut self, url: &str) {
        self.ask("Page.navigate", json!({ "url": url }));
        self.until("document.readyState == 'complete' && location.href != 'about:blank'");
    }

    /// What a piece of JavaScript gives.
    pub(crate) fn evaluate(&mut self, code: &str) -> Value {
        let result = self.ask("Runtime.evaluate", json!({ "expression": code, "returnByValue": true }));
        assert!(result["exceptionDetails"].is_null(), "{code}: {result}");
        result["result"]["value"].clone()
    }

    /// Waits until a piece of JavaScript is true; pages may come and go meanwhile.
    pub(crate) fn until(&mut self, code: &str) {
        let begun = Instant::now();
        loop {
            let result = self.ask("Runtime.evaluate", json!({ "expression": code, "returnByValue": true }));
            if result["result"]["value"] == true {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "never {code}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Clicks in the middle of the first element that fits, as a mouse does.
    pub(crate) fn click(&mut self, selector: &str) {
        let code = format!(
            "(() => {{ const e = document.querySelector({}); e.scrollIntoView({{block: 'center'}}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()",
            json!(selector)
        );
        let at = self.evaluate(&code);
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", event);
        }
    }

    /// Takes a picture of the whole page.
    pub(crate) fn picture(&mut self, file: &Path) {
        let picture = self.ask("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true }));
        std::fs::write(file, BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()).unwrap();
    }

    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.next_id += 1;
        let mut message = json!({ "id": self.next_id, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        write!(self.input, "{message}\0").unwrap();
        loop {
            let message = self.messages.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no answer to {method}"));
            if message["id"] == self.next_id {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            if message["method"] == "Log.entryAdded" || message["method"] == "Runtime.exceptionThrown" {
                self.complaints.push(message["params"].to_string());
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends its own children when it is asked to; a profile in use could not be removed.
        let _ = write!(self.input, "{}\0", json!({ "id": 0, "method": "Browser.close" }));
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            if self.child.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        eprintln!("the browser of {} had to be killed", self.folder.path().display());
    }
}

fn in_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}
