// What tools/install_fabric.sh builds. Tags of Fabric are no versions that Go can name, so this is the
// commit of v2.5.9; go.sum pins it and everything that it needs.
module tallyport/fabric

go 1.22.0

require github.com/hyperledger/fabric v0.0.0-20240618194258-7c3876255bf0
