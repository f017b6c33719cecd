//! Fetching known data sets: resumed where it broke off, checked before it counts.
//!
//! A file arrives as `NAME.part`; what is there already is not asked for again (HTTP
//! `Range`). Only a file with the right size and checksum gets its name, by a rename,
//! so that no reader ever sees half a file.

use crate::error::DataError;
use crate::known::{Known, Remote};
use md5::{Digest, Md5};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::{Agent, Body, http::Response, http::StatusCode};

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The file that is being fetched.
    pub file: &'a str,
    /// Bytes that are there.
    pub done: u64,
    /// Bytes that there will be.
    pub size: u64,
}

const CHUNK: usize = 1 << 16;

/// Downloads what is missing of a known data set to `folder/NAME/` and gives that
/// folder. `progress` is called after every piece.
///
/// # Errors
/// An unreachable server, a wrong size or checksum (the bad file is removed, so that
/// the next try starts anew), a folder that cannot be written.
pub fn download(
    known: &Known,
    folder: &Path,
    progress: impl FnMut(Progress),
) -> Result<PathBuf, DataError> {
    download_from(known.url, known, folder, progress)
}

/// The same from another server: `url` ends in `/` and is put before the files' names.
pub fn download_from(
    url: &str,
    known: &Known,
    folder: &Path,
    mut progress: impl FnMut(Progress),
) -> Result<PathBuf, DataError> {
    let folder = folder.join(known.name);
    fs::create_dir_all(&folder).map_err(|e| DataError::io(&folder.display().to_string(), e))?;
    let config = Agent::config_builder()
        .timeout_connect(Some(Duration::from_secs(30)))
        .timeout_recv_response(Some(Duration::from_secs(60)))
        .http_status_as_error(false)
        .build();
    let agent = config.new_agent();
    for remote in known.files {
        let path = folder.join(remote.name);
        if !path.is_file() {
            fetch(&agent, &format!("{url}{}", remote.name), remote, &path, &mut progress)?;
        }
    }
    Ok(folder)
}

fn fetch(
    agent: &Agent,
    url: &str,
    remote: &Remote,
    path: &Path,
    progress: &mut impl FnMut(Progress),
) -> Result<(), DataError> {
    let part = path.with_file_name(format!("{}.part", remote.name));
    let wrap = |e| DataError::io(&part.display().to_string(), e);
    let there = fs::metadata(&part).map_or(0, |m| m.len());
    if there > remote.size {
        fs::remove_file(&part).map_err(wrap)?;
        return fetch(agent, url, remote, path, progress);
    }
    if there < remote.size {
        transfer(agent, url, remote, &part, there, progress)?;
    }
    let sum = checksum(&part).map_err(wrap)?;
    if sum != remote.md5 {
        fs::remove_file(&part).map_err(wrap)?;
        let reason =
            format!("its MD5 sum is {sum}, where {} is right; removed, try again", remote.md5);
        return Err(DataError::Download { url: url.into(), reason });
    }
    fs::rename(&part, path).map_err(wrap)
}

/// Appends what is missing to the part that is there.
fn transfer(
    agent: &Agent,
    url: &str,
    remote: &Remote,
    part: &Path,
    there: u64,
    progress: &mut impl FnMut(Progress),
) -> Result<(), DataError> {
    let wrong = |reason: String| DataError::Download { url: url.into(), reason };
    let response = agent.get(url).header("Range", format!("bytes={there}-")).call();
    let response = response.map_err(|e| wrong(format!("{e}; is the network there?")))?;
    let start = match response.status() {
        StatusCode::PARTIAL_CONTENT if starts_at(&response, there) => there,
        StatusCode::OK => 0,
        status => return Err(wrong(format!("the server answered {status}"))),
    };
    let opened = match start {
        0 => File::create(part),
        _ => OpenOptions::new().append(true).open(part),
    };
    let wrap = |e| DataError::io(&part.display().to_string(), e);
    let mut file = opened.map_err(wrap)?;
    // One byte more than there should be tells a file that is too long.
    let mut body = response.into_body().into_reader().take(remote.size - start + 1);
    let received = receive(&mut body, &mut file, remote, start, progress);
    file.sync_all().map_err(wrap)?;
    match received {
        Ok(done) if done == remote.size => Ok(()),
        Ok(done) if done > remote.size => {
            fs::remove_file(part).map_err(wrap)?;
            Err(wrong(format!("it has over {} bytes, which is not the right file", remote.size)))
        }
        Ok(done) => Err(wrong(format!(
            "it broke off at {done} of {} bytes; try again, it resumes",
            remote.size
        ))),
        Err(error) => {
            Err(wrong(format!("{error}, of {} bytes; try again, it resumes", remote.size)))
        }
    }
}

/// Copies the body to the file; gives how many bytes are there then.
fn receive(
    body: &mut impl Read,
    file: &mut File,
    remote: &Remote,
    start: u64,
    progress: &mut impl FnMut(Progress),
) -> io::Result<u64> {
    let mut done = start;
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = body.read(&mut chunk)?;
        if count == 0 {
            return Ok(done);
        }
        file.write_all(&chunk[..count])?;
        done += count as u64;
        progress(Progress { file: remote.name, done, size: remote.size });
    }
}

/// Whether a partial answer starts where it was asked to.
fn starts_at(response: &Response<Body>, start: u64) -> bool {
    let range = response.headers().get("content-range").and_then(|range| range.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {start}-")))
}

fn checksum(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Md5::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk)? {
            0 => break,
            count => hash.update(&chunk[..count]),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::net::TcpListener;
    use std::thread;

    const CONTENT: &[u8] = b"hello, world\n";
    const KNOWN: Known = Known {
        name: "hello",
        about: "",
        url: "",
        files: &[Remote { name: "hello.txt", size: 13, md5: "22c3683b094136c3398391ae71b20f04" }],
        also: &[],
    };

    /// What the server does with a request.
    #[derive(Clone, Copy)]
    enum Manner {
        /// Answers ranges.
        Good,
        /// Sends all, whatever the range.
        Whole,
        /// Closes after five bytes.
        Breaks,
        /// Sends other bytes.
        Wrong,
        /// Has no such file.
        Absent,
    }

    /// A server for as many requests as there are manners; gives its address and, when
    /// joined, the ranges it was asked for.
    fn serve(manners: Vec<Manner>) -> (String, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let answer = move |manner: Manner| {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let lines: Vec<String> =
                lines.map_while(Result::ok).take_while(|l| !l.is_empty()).collect();
            let range = lines
                .iter()
                .find_map(|l| l.to_lowercase().strip_prefix("range: bytes=").map(String::from));
            let range = range.unwrap_or_default();
            let start: usize = range.trim_end_matches('-').parse().unwrap_or(0);
            let (status, body) = match manner {
                Manner::Good => ("206 Partial Content", &CONTENT[start..]),
                Manner::Whole | Manner::Breaks => ("200 OK", CONTENT),
                Manner::Wrong => ("200 OK", &b"hello, worlds"[..]),
                Manner::Absent => ("404 Not Found", &b""[..]),
            };
            let sent = if let Manner::Breaks = manner { &body[..5] } else { body };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {}\r\nContent-Range: bytes {start}-12/13\r\nConnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(&[head.as_bytes(), sent].concat()).unwrap();
            range
        };
        (url, thread::spawn(move || manners.into_iter().map(answer).collect()))
    }

    fn run(url: &str, folder: &Path) -> Result<PathBuf, DataError> {
        download_from(url, &KNOWN, folder, |_| ())
    }

    #[test]
    fn a_broken_download_resumes() {
        let folder = tempfile::tempdir().unwrap();
        let (url, server) = serve(vec![Manner::Breaks, Manner::Good]);
        let error = run(&url, folder.path()).unwrap_err().to_string();
        assert!(error.contains("of 13 bytes"), "{error}");
        assert_eq!(fs::read(folder.path().join("hello/hello.txt.part")).unwrap(), b"hello");
        let path = run(&url, folder.path()).unwrap();
        assert_eq!(fs::read(path.join("hello.txt")).unwrap(), CONTENT);
        assert!(!path.join("hello.txt.part").exists());
        assert_eq!(server.join().unwrap(), ["0-", "5-"]);
        // It is there: no server is asked.
        run(&url, folder.path()).unwrap();
    }

    #[test]
    fn a_server_without_ranges_starts_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("hello")).unwrap();
        fs::write(folder.path().join("hello/hello.txt.part"), b"junk").unwrap();
        let (url, _server) = serve(vec![Manner::Whole]);
        let mut last = 0;
        let path = download_from(&url, &KNOWN, folder.path(), |p| last = p.done).unwrap();
        assert_eq!((fs::read(path.join("hello.txt")).unwrap().as_slice(), last), (CONTENT, 13));
    }

    #[test]
    fn a_wrong_checksum_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (url, _server) = serve(vec![Manner::Wrong]);
        let error = run(&url, folder.path()).unwrap_err().to_string();
        assert!(error.contains("MD5"), "{error}");
        assert_eq!(fs::read_dir(folder.path().join("hello")).unwrap().count(), 0);
    }

    #[test]
    fn a_missing_file_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let (url, _server) = serve(vec![Manner::Absent]);
        let error = run(&url, folder.path()).unwrap_err().to_string();
        assert!(error.contains("404"), "{error}");
        drop(_server);
        let error = run("http://127.0.0.1:1/", folder.path()).unwrap_err().to_string();
        assert!(error.contains("network"), "{error}");
    }
}
