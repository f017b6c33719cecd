//! The progress of converting a table that does not fit into memory.

use crate::{interrupt, output};
use gradwise_data::{Conversion, Watcher};
use gradwise_view::terminal::{self, Bar};
use std::ops::ControlFlow;
use std::sync::Mutex;

/// Who shows conversions on standard error, and stops them at Ctrl-C.
pub fn watcher() -> Watcher {
    let shown: Mutex<Option<Bar>> = Mutex::new(None);
    Watcher::new(move |news| {
        let Ok(mut bar) = shown.lock() else { return ControlFlow::Continue(()) };
        match news {
            Some(news) => show(&mut bar, &news),
            None => {
                if let Some(bar) = bar.take() {
                    bar.finish();
                }
            }
        }
        match interrupt::requested() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })
}

fn show(bar: &mut Option<Bar>, news: &Conversion<'_>) {
    let bar = bar.get_or_insert_with(|| {
        let file = news.file;
        output::say(&format!("{file} does not fit data.memory: converting it once, to stream it"));
        Bar::new(terminal::is_live(), 0.0)
    });
    let share = news.done as f64 / news.size.max(1) as f64;
    bar.set(share.min(1.0), &format!("{} rows", news.rows));
}
