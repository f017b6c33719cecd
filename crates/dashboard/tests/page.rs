//! The page in a real browser: it loads, follows a run, goes from run to run, and has
//! nothing to complain of.

#[path = "common/browser.rs"]
mod browser;
mod common;

use browser::Browser;
use common::{Served, append, end, start, steps};
use serde_json::json;
use std::path::Path;

/// Text that would do something if it were markup.
const MARKUP: &str = "<img src=x onerror=alert(1)>";

/// A healthy run, one that breaks, and one that goes on.
fn runs(root: &Path) {
    let healthy = root.join("healthy");
    append(&healthy, &[start(1)]);
    append(&healthy, &steps(1..=200, |i| 2.0 / i as f64));
    append(&healthy, &[end(200)]);
    std::fs::write(healthy.join("run.toml"), "seed = 1\n[train]\nlr = 0.1\n").unwrap();
    let broken = root.join("broken");
    append(&broken, &[start(2)]);
    append(&broken, &steps(1..=30, |i| if i < 20 { 1.0 } else { f64::NAN }));
    // A picture with its numbers in words, as the program draws them.
    let drawn = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\">\
                 <title>t</title><desc>from 2 to 1 &lt;img&gt;</desc></svg>";
    std::fs::write(broken.join("loss-curves.svg"), drawn).unwrap();
    std::fs::write(broken.join("run.toml"), "seed = 1\n[train]\nlr = 9.0\n").unwrap();
    let live = root.join("live");
    let mut named = start(3);
    named["layers"][0]["name"] = json!(MARKUP);
    append(&live, &[named]);
    append(&live, &steps(1..=10, |i| 2.0 / i as f64));
}

#[test]
fn it_shows_a_live_run_and_goes_from_run_to_run() {
    let Some(mut page) = Browser::open("it_shows_a_live_run_and_goes_from_run_to_run") else {
        return;
    };
    let root = tempfile::tempdir().unwrap();
    runs(root.path());
    let served = Served::new(root.path());
    page.go(&served.url, 1280, 900, false);
    page.wait("document.querySelectorAll('#list li').length === 3");

    // The newest is shown by itself, and grows.
    page.wait("document.querySelector('#title h2')?.textContent.startsWith('live')");
    page.wait("document.querySelector('#answers .word')?.textContent.includes('Yes')");
    append(&root.path().join("live"), &steps(11..=500, |i| 2.0 / i as f64));
    page.wait("document.querySelector('#values output').textContent === 'step 500'");
    assert_eq!(page.is("document.querySelectorAll('#network [data-layer]').length"), 3);
    assert_eq!(page.is("document.querySelectorAll('img[src=x]').length"), 0);
    assert!(
        page.is("document.querySelector('#network').innerHTML").to_string().contains("&lt;img")
    );
    // The noise of batches can be taken out, and is then still there behind.
    let slider = |value: &str| {
        format!(
            "((s) => {{ s.value = {value}; s.dispatchEvent(new Event('input')); return \
             document.querySelector('#curves .legend').innerText }})\
             (document.querySelector('#curves input[type=range]'))"
        )
    };
    assert!(page.is(&slider("0.9")).to_string().contains("training, smooth"));
    assert!(!page.is(&slider("0")).to_string().contains("smooth"));
    page.is("void import('/smooth.js').then((m) => (window.calm = m.smooth([1, 1, NaN, 3], 0.5)))");
    page.wait("window.calm && window.calm[0] === 1 && Math.abs(window.calm[3] - 15 / 7) < 1e-12");
    page.picture("live");

    // Another run, by keyboard: the second of the list.
    page.is("document.querySelector('#list button').focus()");
    page.press("ArrowDown");
    page.press("Enter");
    page.wait("document.querySelector('#title h2').textContent.startsWith('broken')");
    page.wait("document.querySelector('#findings details')");
    page.is("document.querySelector('#findings summary').click()");
    page.wait("document.querySelector('#findings .evidence').innerText.includes('Harm')");
    // However much is unfolded, nothing is cut off at the side.
    page.is("document.querySelectorAll('#findings details').forEach((d) => (d.open = true))");
    page.wait(
        "((edge) => [...document.querySelectorAll('#findings :is(p, td, li)')].every((part) => \
         part.getBoundingClientRect().right <= edge))\
         (document.querySelector('#findings').getBoundingClientRect().right)",
    );
    page.picture("broken");
    page.is("document.querySelector('#pictures').scrollIntoView()");
    page.wait("document.querySelector('#pictures img').alt === 'loss curves: from 2 to 1 <img>'");

    // Two laid over one another, with what differs.
    for name in ["healthy", "broken"] {
        page.is(&format!("document.querySelector('[aria-label=\"Compare {name}\"]').click()"));
    }
    page.wait("document.querySelectorAll('#compare tbody tr').length === 3");
    page.wait("document.querySelector('#compare').innerText.includes('train.lr')");
    page.picture("compare");

    // A narrow window has no sideways scrolling; nor has a wide one.
    for (width, dark) in [(400, true), (2500, false)] {
        page.go(&format!("{}#view=run", served.url), width, 900, dark);
        page.wait("document.querySelector('#answers .word')");
        page.wait("document.documentElement.scrollWidth <= innerWidth");
        page.picture(&format!("live-{width}"));
    }
    assert!(page.complaints.is_empty(), "{:#?}", page.complaints);
}

#[test]
fn it_says_that_it_waits_and_that_the_server_is_gone() {
    let Some(mut page) = Browser::open("it_says_that_it_waits_and_that_the_server_is_gone") else {
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let served = Served::new(&root.path().join("later"));
    page.go(&served.url, 800, 600, true);
    page.wait("document.querySelector('#empty').innerText.includes('No runs yet')");
    append(&root.path().join("later/first"), &[start(1)]);
    page.wait("document.querySelector('#title h2')?.textContent.startsWith('first')");
    // What had nothing to show at first shows it when it comes.
    page.wait("document.querySelector('#values').innerText.includes('No value')");
    append(&root.path().join("later/first"), &steps(1..=5, |i| 2.0 / i as f64));
    page.wait("document.querySelector('#values output').textContent === 'step 5'");
    drop(served);
    page.wait("document.querySelector('#status').textContent.includes('does not answer')");
}
