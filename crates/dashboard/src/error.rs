//! What can keep the dashboard from starting: the address, in words with a way out.

use std::io;
use std::net::SocketAddr;

/// A dashboard that cannot start.
#[derive(Debug, thiserror::Error)]
pub enum DashboardError {
    /// Another program listens there.
    #[error(
        "{0}: the port is taken by another program; choose another with --port, or leave it out"
    )]
    PortTaken(SocketAddr),
    /// The system refused the port.
    #[error("{0}: this port needs special rights; choose one above 1023 with --port")]
    PortForbidden(SocketAddr),
    /// The host has no address of this machine.
    #[error(
        "{host}: it is no address of this machine ({source}); try --host 0.0.0.0 for all of them"
    )]
    Host {
        /// As given.
        host: String,
        /// What the system says.
        source: io::Error,
    },
    /// The system refused otherwise.
    #[error("{address}: cannot listen there: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system has no random numbers for a token.
    #[error("no token can be drawn: {0}; leave --host out to look from this machine only")]
    Token(String),
    /// A thread or timer could not be made.
    #[error("the server cannot start: {0}")]
    Start(io::Error),
}
