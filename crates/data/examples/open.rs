//! Opens a source and says how long that took:
//! `cargo run --release -p gradwise-data --example open -- digits "scale(16)" standardize`

use gradwise_data::{DataError, DataSpec, open, order};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut spec = DataSpec::new(arguments.next().unwrap_or_else(|| "digits".into()));
    for argument in arguments {
        match argument.split_once('=') {
            Some(("target", name)) => spec.target = vec![name.into()],
            Some(("test", path)) => spec.test = Some(path.into()),
            _ => spec.preprocess.push(argument.parse()?),
        }
    }
    for _ in 0..3 {
        measure(&spec)?;
    }
    Ok(())
}

fn measure(spec: &DataSpec) -> Result<(), DataError> {
    let start = Instant::now();
    let data = open(spec)?;
    let opened = start.elapsed();
    let (rows, columns) = (data.train.rows(), data.train.columns());
    let start = Instant::now();
    let epoch = order(rows as u32, 0, 0);
    let ordered = start.elapsed();
    let mut batch = vec![0.0; 128 * columns];
    let start = Instant::now();
    for rows in epoch.chunks(128) {
        data.train.gather(rows, &mut batch, columns)?;
    }
    let gathered = start.elapsed();
    println!(
        "{rows} × {columns}, {}: opened in {opened:?}, ordered in {ordered:?}, gathered in {gathered:?}",
        data.schema.task
    );
    Ok(())
}
