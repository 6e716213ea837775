//! Frames: four bytes of length, then that many bytes of JSON. Neither side trusts the other's length.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{self, Read, Write};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Most bytes of one frame.
pub const FRAME_BYTES: usize = 16 * 1024 * 1024;

/// A message over the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message of {0} bytes; the limit is {FRAME_BYTES}")]
pub struct TooLarge(pub usize);

/// A message as one frame.
pub fn encode(message: &impl Serialize) -> Result<Vec<u8>, TooLarge> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message).expect("messages are plain data and a vector takes every write");
    let length = frame.len() - 4;
    let prefix = u32::try_from(length).ok().filter(|_| length <= FRAME_BYTES).ok_or(TooLarge(length))?;
    frame[..4].copy_from_slice(&prefix.to_be_bytes());
    Ok(frame)
}

/// Reads a message; none at the end of the stream.
pub fn read<M: DeserializeOwned>(from: &mut impl Read) -> io::Result<Option<M>> {
    let mut prefix = [0; 4];
    match from.read(&mut prefix[..1])? {
        0 => return Ok(None),
        _ => from.read_exact(&mut prefix[1..])?,
    }
    let length = length(prefix)?;
    let mut body = room(length);
    from.take(length as u64).read_to_end(&mut body)?;
    decode(&body, length).map(Some)
}

/// Writes one frame.
pub fn write(to: &mut impl Write, frame: &[u8]) -> io::Result<()> {
    to.write_all(frame)?;
    to.flush()
}

/// Reads a message on the parent's side; the end of the stream is an error there.
pub async fn receive<M: DeserializeOwned>(from: &mut (impl AsyncRead + Unpin)) -> io::Result<M> {
    let mut prefix = [0; 4];
    from.read_exact(&mut prefix).await?;
    let length = length(prefix)?;
    let mut body = room(length);
    from.take(length as u64).read_to_end(&mut body).await?;
    decode(&body, length)
}

/// Writes one frame on the parent's side.
pub async fn send(to: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> io::Result<()> {
    to.write_all(frame).await?;
    to.flush().await
}

fn length(prefix: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_be_bytes(prefix) as usize;
    if length > FRAME_BYTES { Err(io::Error::other(TooLarge(length))) } else { Ok(length) }
}

/// Room for an announced body, though not for more than most have: what is announced need not come.
fn room(length: usize) -> Vec<u8> {
    Vec::with_capacity(length.min(64 * 1024))
}

fn decode<M: DeserializeOwned>(body: &[u8], length: usize) -> io::Result<M> {
    if body.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    serde_json::from_slice(body).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_arrive_whole_and_the_end_is_an_end() {
        let mut stream = encode(&"one").unwrap();
        stream.extend(encode(&vec![1, 2]).unwrap());
        let mut stream = stream.as_slice();
        assert_eq!(read::<String>(&mut stream).unwrap().as_deref(), Some("one"));
        assert_eq!(read::<Vec<u8>>(&mut stream).unwrap(), Some(vec![1, 2]));
        assert_eq!(read::<String>(&mut stream).unwrap(), None);
    }

    #[test]
    fn cut_oversized_and_garbled_frames_are_refused() {
        let whole = encode(&"a message").unwrap();
        for cut in 1..whole.len() {
            assert!(read::<String>(&mut &whole[..cut]).is_err(), "{cut}");
        }
        assert!(read::<String>(&mut &[0xff, 0xff, 0xff, 0xff, b'x'][..]).is_err());
        assert!(read::<String>(&mut &[0, 0, 0, 1, b'x'][..]).is_err());
        assert_eq!(encode(&"x".repeat(FRAME_BYTES)), Err(TooLarge(FRAME_BYTES + 2)));
    }

    #[tokio::test]
    async fn both_sides_speak_the_same() {
        let frame = encode(&vec!["x"; 3]).unwrap();
        assert_eq!(receive::<Vec<String>>(&mut frame.as_slice()).await.unwrap(), ["x"; 3]);
        assert!(receive::<Vec<String>>(&mut &frame[..5]).await.is_err());
        let mut written = Vec::new();
        send(&mut written, &frame).await.unwrap();
        assert_eq!(written, frame);
    }
}
