//! Where the dashboard listens: this machine alone, unless told otherwise.

use crate::error::DashboardError;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, ToSocketAddrs};
use std::path::PathBuf;

/// The ports that are tried where none is asked for, before any free one.
const PORTS: std::ops::Range<u16> = 4270..4280;

/// What to show, and where.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Run folders, or directories of them.
    pub roots: Vec<PathBuf>,
    /// The address or name to listen at; `None`: this machine alone.
    pub host: Option<String>,
    /// The port; `None`: a free one.
    pub port: Option<u16>,
}

/// Listens at the host and port that are asked for.
///
/// # Errors
/// A host that is none of this machine's, a port that is taken or not allowed.
pub fn listen(options: &Options) -> Result<TcpListener, DashboardError> {
    let ip = match &options.host {
        Some(host) => address_of(host)?,
        None => Ipv4Addr::LOCALHOST.into(),
    };
    if let Some(port) = options.port {
        return bind(SocketAddr::new(ip, port));
    }
    let free = PORTS.clone().find_map(|port| bind(SocketAddr::new(ip, port)).ok());
    free.map_or_else(|| bind(SocketAddr::new(ip, 0)), Ok)
}

/// The address behind a name.
fn address_of(host: &str) -> Result<IpAddr, DashboardError> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let error = |source| DashboardError::Host { host: host.into(), source };
    let mut found = (bare, 0).to_socket_addrs().map_err(error)?;
    let missing = || error(io::Error::new(io::ErrorKind::NotFound, "it has no address"));
    found.next().map(|address| address.ip()).ok_or_else(missing)
}

fn bind(address: SocketAddr) -> Result<TcpListener, DashboardError> {
    TcpListener::bind(address).map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => DashboardError::PortTaken(address),
        io::ErrorKind::PermissionDenied => DashboardError::PortForbidden(address),
        io::ErrorKind::AddrNotAvailable => {
            DashboardError::Host { host: address.ip().to_string(), source }
        }
        _ => DashboardError::Listen { address, source },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_unless_told() {
        let address = listen(&Options::default()).unwrap().local_addr().unwrap();
        assert!(address.ip().is_loopback() && address.port() != 0);
    }

    #[test]
    fn a_port_that_is_taken_is_named_with_a_way_out() {
        let taken = listen(&Options { port: Some(0), ..Options::default() }).unwrap();
        let port = taken.local_addr().unwrap().port();
        let text =
            listen(&Options { port: Some(port), ..Options::default() }).unwrap_err().to_string();
        assert!(text.contains(&port.to_string()) && text.contains("--port"), "{text}");
    }

    #[test]
    fn a_host_of_another_machine_is_named() {
        for host in ["no such host", "192.0.2.1"] {
            let options = Options { host: Some(host.into()), ..Options::default() };
            let text = listen(&options).unwrap_err().to_string();
            assert!(text.starts_with(host) && text.contains("--host 0.0.0.0"), "{text}");
        }
    }
}
