// Checks what tallyport writes with the packages of Go's checksum database, and nothing of ours.
//
//	go run . CHECKPOINT-KEY WITNESS-KEY TILES-FOLDER PROOF-FILE
//
// Verifies the checkpoint's signature, computes the head from the tiles, compares every entry of
// the bundles with its leaf hash, verifies the proof's inclusion and the witness's cosignature.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// folder reads tiles as tlog names them, from where C2SP tlog-tiles puts them.
type folder string

func (f folder) Height() int { return height }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		place := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), place))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// cosigner verifies C2SP cosignatures (algorithm 4), which the package note leaves to others.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

func witness(text string) note.Verifier {
	parts := strings.SplitN(text, "+", 3)
	key := must(base64.StdEncoding.DecodeString(parts[2]))
	if key[0] != 4 {
		log.Fatalf("expected algorithm 4, got %d", key[0])
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(sum[:])
	if stated := must(strconv.ParseUint(parts[1], 16, 32)); uint32(stated) != hash {
		log.Fatalf("expected key hash %08x, got %s", hash, parts[1])
	}
	return cosigner{parts[0], hash, ed25519.PublicKey(key[1:])}
}

func opened(text string, known note.Verifiers, least int) tlog.Tree {
	checked := must(note.Open([]byte(text), known))
	if len(checked.Sigs) < least {
		log.Fatalf("expected %d signatures, got %d", least, len(checked.Sigs))
	}
	lines := strings.Split(checked.Text, "\n")
	hash := must(tlog.ParseHash(lines[2]))
	return tlog.Tree{N: must(strconv.ParseInt(lines[1], 10, 64)), Hash: hash}
}

func entries(dir folder, tree tlog.Tree) {
	reader := tlog.TileHashReader(tree, dir)
	for n := int64(0); n < tree.N; {
		tile := tlog.Tile{H: height, L: -1, N: n / 256, W: int(min(256, tree.N-n))}
		place := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/data/", height), "tile/entries/", 1)
		data := must(os.ReadFile(filepath.Join(string(dir), place)))
		for ; len(data) > 0; n++ {
			size := int(binary.BigEndian.Uint16(data))
			want := must(reader.ReadHashes([]int64{tlog.StoredHashIndex(0, n)}))[0]
			if tlog.RecordHash(data[2:2+size]) != want {
				log.Fatalf("entry %d is not what its leaf says", n)
			}
			data = data[2+size:]
		}
	}
}

func proof(path string, known note.Verifiers) {
	above, below, _ := strings.Cut(string(must(os.ReadFile(path))), "\n\n")
	lines := strings.Split(above, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		log.Fatalf("expected a tlog-proof, got %q", lines[0])
	}
	entry := must(base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra ")))
	index := must(strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64))
	var path_ tlog.RecordProof
	for _, line := range lines[3:] {
		path_ = append(path_, must(tlog.ParseHash(line)))
	}
	tree := opened(below, known, 2)
	if err := tlog.CheckRecord(path_, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		log.Fatal(err)
	}
}

func main() {
	logKey := must(note.NewVerifier(os.Args[1]))
	known := note.VerifierList(logKey, witness(os.Args[2]))
	dir := folder(os.Args[3])
	tree := opened(string(must(os.ReadFile(filepath.Join(string(dir), "checkpoint")))), known, 1)
	head := must(tlog.TreeHash(tree.N, tlog.TileHashReader(tree, dir)))
	if !bytes.Equal(head[:], tree.Hash[:]) {
		log.Fatal("the tiles do not lead to the head")
	}
	entries(dir, tree)
	proof(os.Args[4], known)
	fmt.Printf("agreed: %d entries\n", tree.N)
}
