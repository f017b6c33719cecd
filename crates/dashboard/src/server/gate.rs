//! Who may ask.
//!
//! A page of the web can make a browser send requests to this machine. Two checks keep
//! it out: the request must be addressed to a name of ours (`Host`; a foreign name that
//! was made to point here, DNS rebinding, is not one), and it must come from our own
//! page (`Origin`, `Sec-Fetch-Site`). Who asks over a network must show the token too.

use super::token;
use crate::address::Options;
use crate::error::DashboardError;
use axum::http::{HeaderMap, header};
use std::net::{IpAddr, SocketAddr};

/// Who may ask.
#[derive(Clone, Debug)]
pub struct Gate {
    address: SocketAddr,
    /// The name that the user gave, if it is a name.
    name: Option<String>,
    /// What those must show who ask over a network.
    token: Option<String>,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is addressed to a name that is none of ours.
    Host,
    /// It comes from a foreign page.
    Origin,
    /// It shows no token, or a wrong one.
    Token,
}

impl Refusal {
    /// In words, for people who see it in their browser.
    pub fn text(self) -> &'static str {
        match self {
            Refusal::Host => {
                "this name is none of the dashboard's; use the address that `gradwise view` \
                 printed, or start it with --host and this name"
            }
            Refusal::Origin => "only the dashboard's own page may ask",
            Refusal::Token => {
                "a token is needed: open the whole address that `gradwise view` printed"
            }
        }
    }
}

impl Gate {
    /// For those who reach `address`.
    ///
    /// # Errors
    /// The system has no random numbers for a token.
    pub fn new(options: &Options, address: SocketAddr) -> Result<Gate, DashboardError> {
        let token = if address.ip().is_loopback() { None } else { Some(token::draw()?) };
        let name = options.host.as_ref().map(|host| host.to_ascii_lowercase());
        Ok(Gate { address, name, token })
    }

    /// Whether only this machine may ask.
    pub fn is_local(&self) -> bool {
        self.token.is_none()
    }

    /// The page's address, with the token.
    pub fn url(&self) -> String {
        let (ip, port) = (self.address.ip(), self.address.port());
        let host = match (&self.name, ip) {
            (_, ip) if ip.is_unspecified() => "localhost".to_string(),
            (Some(name), _) if name.parse::<IpAddr>().is_err() => name.clone(),
            (_, IpAddr::V6(ip)) => format!("[{ip}]"),
            (_, IpAddr::V4(ip)) => ip.to_string(),
        };
        let token = self.token.as_ref().map(|token| format!("?token={token}"));
        format!("http://{host}:{port}/{}", token.unwrap_or_default())
    }

    /// The name of the cookie that holds the token: cookies know no ports.
    pub fn cookie(&self) -> String {
        format!("gradwise-{}", self.address.port())
    }

    /// Whether this is the token.
    pub fn is_token(&self, shown: &str) -> bool {
        self.token.as_ref().is_some_and(|token| token::is_same(token, shown))
    }

    /// Whether a request may be answered; `opens` where it asks for the page itself,
    /// which may be reached by a link from anywhere.
    ///
    /// # Errors
    /// Why not.
    pub fn admit(&self, headers: &HeaderMap, opens: bool) -> Result<(), Refusal> {
        let get = |name| headers.get(name).map(|value| value.to_str().unwrap_or(""));
        let host = get(header::HOST).ok_or(Refusal::Host)?;
        if !self.knows(host) {
            return Err(Refusal::Host);
        }
        let own = |origin: &str| origin.eq_ignore_ascii_case(&format!("http://{host}"));
        let foreign = get(header::ORIGIN).is_some_and(|origin| !own(origin));
        let site = headers.get("sec-fetch-site").map(|site| site.to_str().unwrap_or(""));
        let elsewhere = site.is_some_and(|site| site != "same-origin" && site != "none");
        if foreign || (elsewhere && !opens) {
            return Err(Refusal::Origin);
        }
        if self.token.is_some() && !self.cookie_of(headers).is_some_and(|c| self.is_token(&c)) {
            return Err(Refusal::Token);
        }
        Ok(())
    }

    /// Whether a `Host` is ours, whatever the port: it may be forwarded.
    fn knows(&self, host: &str) -> bool {
        let name = without_port(host).to_ascii_lowercase();
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            // A number needs no name server, so nobody can make it point elsewhere.
            Ok(ip) => ip.is_loopback() || !self.is_local(),
            Err(_) => name == "localhost" || self.name.as_deref() == Some(bare),
        }
    }

    fn cookie_of(&self, headers: &HeaderMap) -> Option<String> {
        let own = format!("{}=", self.cookie());
        let all = headers.get_all(header::COOKIE).into_iter().filter_map(|v| v.to_str().ok());
        let find = |line: &str| {
            line.split(';').find_map(|pair| pair.trim().strip_prefix(&own).map(String::from))
        };
        all.into_iter().find_map(find)
    }
}

/// A host without its port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => {
            name
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(host: Option<&str>, address: &str) -> Gate {
        let options = Options { host: host.map(Into::into), ..Options::default() };
        Gate::new(&options, address.parse().unwrap()).unwrap()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_name_that_was_made_to_point_here_is_refused() {
        let gate = gate(None, "127.0.0.1:4270");
        for host in ["127.0.0.1:4270", "localhost:4270", "LOCALHOST", "[::1]:4270", "localhost:80"]
        {
            assert_eq!(gate.admit(&headers(&[("host", host)]), false), Ok(()), "{host}");
        }
        for host in ["evil.example:4270", "localhost.evil.example", "", "192.0.2.7:4270", "::1x"] {
            let refused = gate.admit(&headers(&[("host", host)]), false);
            assert_eq!(refused, Err(Refusal::Host), "{host}");
        }
        assert_eq!(gate.admit(&HeaderMap::new(), false), Err(Refusal::Host));
    }

    #[test]
    fn foreign_pages_are_refused() {
        let gate = gate(None, "127.0.0.1:4270");
        let ask = |name: &'static str, value: &str, opens| {
            gate.admit(&headers(&[("host", "127.0.0.1:4270"), (name, value)]), opens)
        };
        assert_eq!(ask("origin", "http://127.0.0.1:4270", false), Ok(()));
        for origin in
            ["http://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:4270"]
        {
            assert_eq!(ask("origin", origin, true), Err(Refusal::Origin), "{origin}");
        }
        assert_eq!(ask("sec-fetch-site", "same-origin", false), Ok(()));
        assert_eq!(ask("sec-fetch-site", "cross-site", false), Err(Refusal::Origin));
        assert_eq!(ask("sec-fetch-site", "same-site", false), Err(Refusal::Origin));
        assert_eq!(ask("sec-fetch-site", "cross-site", true), Ok(()));
    }

    #[test]
    fn over_a_network_the_token_is_needed() {
        let gate = gate(Some("lab.example"), "0.0.0.0:4270");
        let token = gate.url().split_once("?token=").unwrap().1.to_string();
        let ask = |host: &str, cookie: &str| {
            gate.admit(&headers(&[("host", host), ("cookie", cookie)]), false)
        };
        let right = format!("a=b; gradwise-4270={token}");
        assert_eq!(ask("192.0.2.7:4270", &right), Ok(()));
        assert_eq!(ask("lab.example:4270", &right), Ok(()));
        assert_eq!(ask("evil.example:4270", &right), Err(Refusal::Host));
        assert_eq!(ask("lab.example:4270", "gradwise-4270=0"), Err(Refusal::Token));
        assert_eq!(ask("lab.example:4270", "gradwise-4271=0"), Err(Refusal::Token));
    }

    #[test]
    fn the_address_is_one_that_a_browser_can_open() {
        assert_eq!(gate(None, "127.0.0.1:1").url(), "http://127.0.0.1:1/");
        assert_eq!(gate(Some("::1"), "[::1]:1").url(), "http://[::1]:1/");
        assert!(gate(Some("0.0.0.0"), "0.0.0.0:1").url().starts_with("http://localhost:1/?token="));
    }
}
