#!/usr/bin/env bash
# Makes a small bootable Debian with systemd, out of Debian's own packages, as a raw disk: something
# real to publish and to run. The tests boot it; so can anybody who wants to try 'vmseed run'.
#
#   eng/guest.sh FILE          a disk that boots by itself
#   eng/guest.sh --full FILE   a disk for seeds, which bring what boots: Debian's stock kernel lies
#                              with its modules where a Debian has them, and nothing loads it
#
# The first boots by BIOS and speaks on the first serial port, where root is logged in. Whoever
# drives it waits for the line "READY", and writes commands.
#
#   sector 0     syslinux's boot code and a DOS partition table
#   partition 1  FAT: syslinux, kernel, initramfs. syslinux can be installed into a file system in
#                a file, which extlinux and GRUB cannot: nothing is mounted here.
#   partition 2  ext4: the root file system
#
# The second is a GPT with one partition, ext4. There a getty logs root in on the first serial
# port: wait for "login:", then for the prompt "root@guest:~#".
#
# What makes them small: only essential packages and systemd; no documentation, no translations.
# What makes them quick without KVM, where every instruction is emulated: no udev, no timers, no
# waiting for a network; in the first also no getty, and an initramfs of one small program that
# loads four modules (tiny-initramfs).
#
# The packages come from where this machine's apt has its own from. It needs root, for a chroot, and
# mmdebstrap, syslinux, mtools, fdisk, e2fsprogs.
set -euo pipefail
export LC_ALL=C.UTF-8 PATH=$PATH:/usr/sbin:/sbin

kind=small
[ "${1-}" != --full ] || { kind=full; shift; }
[ $# = 1 ] || { echo "Usage: $0 [--full] FILE" >&2; exit 2; }
image=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/vmseed-guest.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
tree=$work/tree

# Kernel and initramfs come to 12 MiB today; FAT16 needs 16 MiB to be one.
boot_mib=24
# In use: 150 MiB, of the full one 300. The rest is for the guest to write.
root_mib=360
[ $kind = small ] || root_mib=512

# What a machine without a user, a network or a clock to set does not need at each start.
masked="systemd-logind.service systemd-binfmt.service systemd-firstboot.service
    systemd-repart.service systemd-pstore.service systemd-update-utmp.service
    systemd-update-utmp-runlevel.service kmod-static-nodes.service systemd-pcrphase.service
    systemd-pcrphase-sysinit.service systemd-hwdb-update.service systemd-ask-password-console.path
    systemd-ask-password-wall.path dev-hugepages.mount sys-kernel-debug.mount
    sys-kernel-tracing.mount sys-kernel-config.mount proc-sys-fs-binfmt_misc.automount fstrim.timer
    dpkg-db-backup.timer systemd-tmpfiles-clean.timer"
case $kind in
    small) masked+=" getty.target serial-getty@ttyS0.service systemd-user-sessions.service" ;;
    full) masked+=" getty-static.service" ;;    # consoles 2 to 6
esac
masked=$(echo $masked)
arguments=

# What syslinux and this machine's apt are given to read.
write_inputs() {
    # One line a source, as apt itself has resolved them; its proxies and timeouts.
    # shellcheck disable=SC2016 # The names are for apt.
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' \
        | sort -u >"$work/sources"
    apt-config dump | grep '^Acquire::' >"$work/acquire" || true

    # In place before the kernel's package makes its initramfs.
    cat >"$work/tiny-initramfs.conf" <<END
AUTO_MODULES=no
MICROCODE=no
INCLUDE_MODULES=virtio_pci,virtio_blk
END
    # Nothing loads modules by itself without udev.
    printf '%s\n' button virtio_net virtio_rng >"$work/guest.conf"
    # The power button of the virtual machine.
    printf '%s\n' 'event=button/power' 'action=/bin/systemctl poweroff' >"$work/power"

    # Idle: after everything else has been started.
    cat >"$work/serial-shell.service" <<END
[Unit]
Description=A root shell on the first serial port
[Service]
Type=idle
Environment=HOME=/root TERM=dumb
ExecStartPre=/bin/stty -F /dev/ttyS0 -echo 115200
ExecStart=/bin/sh -c 'echo READY; exec /bin/sh -i'
StandardInput=tty
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
Restart=always
RestartSec=0
# A shell that is spoken to ignores SIGTERM.
KillSignal=SIGHUP
TimeoutStopSec=2
[Install]
WantedBy=multi-user.target
END

    # The getty that systemd starts where the kernel has its console, but without udev nobody says
    # that the device is there: in the unit's own version, the getty would wait for that.
    cat >"$work/serial-getty@ttyS0.service" <<END
[Unit]
Description=A login on the first serial port
After=systemd-user-sessions.service rc-local.service
Before=getty.target
[Service]
Type=idle
Environment=TERM=dumb
ExecStart=-/sbin/agetty --autologin root --noclear --keep-baud 115200 ttyS0 dumb
StandardInput=tty
StandardOutput=tty
TTYPath=/dev/ttyS0
Restart=always
RestartSec=0
UtmpIdentifier=ttyS0
# A shell that is spoken to ignores SIGTERM.
KillSignal=SIGHUP
TimeoutStopSec=2
END
    cat >"$work/syslinux.cfg" <<END
SERIAL 0 115200
DEFAULT debian
LABEL debian
  LINUX /vmlinuz
  INITRD /initrd.img
  APPEND root=/dev/vda2 rw rootfstype=ext4 console=ttyS0 quiet mitigations=off nokaslr $arguments
END
}

make_tree() {
    local hooks=(
        --setup-hook='mkdir -p "$1/etc/tiny-initramfs"'
        --setup-hook="copy-in $work/tiny-initramfs.conf /etc/tiny-initramfs"
        --customize-hook="copy-in $work/power /etc/acpi/events"
        --customize-hook="copy-in $work/guest.conf /etc/modules-load.d"
        --customize-hook="chroot \"\$1\" systemctl --quiet mask $masked"
        --customize-hook='echo guest >"$1/etc/hostname"; : >"$1/etc/machine-id"'
    )
    "of_$kind"
    mmdebstrap --quiet --variant=essential --format=directory \
        --include="systemd-sysv,acpid,busybox-static,tiny-initramfs,$kernel" \
        --aptopt="$work/acquire" --aptopt='APT::Install-Recommends "false"' \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
        "${paths[@]}" "${hooks[@]}" \
        "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" "$tree" "$work/sources"
}

# A path that is included must lie in folders that are, which kernel/ itself and its subfolders do:
# only files end in .ko.
of_small() {
    kernel=linux-image-cloud-amd64
    paths=(
        --dpkgopt='path-exclude=*/modules/*/kernel/*.ko*'
        --dpkgopt='path-include=*/modules/*virtio*.ko*'
        --dpkgopt='path-include=*/modules/*failover.ko*'
        --dpkgopt='path-include=*/modules/*button.ko*'
    )
    hooks+=(
        --customize-hook="copy-in $work/serial-shell.service /etc/systemd/system"
        --customize-hook='chroot "$1" systemctl --quiet enable serial-shell'
        --customize-hook='echo "/dev/vda2 / ext4 defaults 0 0" >"$1/etc/fstab"'
        --customize-hook="download /vmlinuz $work/vmlinuz"
        --customize-hook="download /initrd.img $work/initrd.img"
        --customize-hook='rm -rf "$1"/boot/* "$1"/vmlinuz* "$1"/initrd.img*'
    )
}

# No fstab: the root is what the seed has mounted. What a virtual machine never has goes: three
# quarters of the modules' bytes.
of_full() {
    kernel=linux-image-amd64
    paths=()
    local folder
    for folder in sound \
        drivers/{gpu,media,staging,infiniband,iio,hwmon,isdn,hid,bluetooth,mtd,usb} \
        drivers/{comedi,leds,platform,rtc,thunderbolt,power,video,mfd,mmc,gpio,firewire,soundwire} \
        drivers/net/{wireless,can,usb,wwan,hamradio,ieee802154,arcnet,fddi} \
        drivers/net/ethernet/{mellanox,chelsio,qlogic,cavium,sfc,marvell,netronome,neterion,sun} \
        fs/{ocfs2,gfs2,ceph,nfs,nfsd,cifs,smb,afs,jfs,reiserfs,coda,dlm} \
        net/{bluetooth,wireless,mac80211,mac802154,can,ceph,rds,tipc,sctp,sunrpc,nfc,batman-adv}; do
        paths+=(--dpkgopt="path-exclude=*/modules/*/kernel/$folder/*.ko*")
    done
    hooks+=(
        --customize-hook="copy-in $work/serial-getty@ttyS0.service /etc/systemd/system"
        --customize-hook=': >"$1/etc/fstab"; rm -f "$1"/boot/initrd.img* "$1"/initrd.img*'
        --customize-hook='chroot "$1" depmod "$(cd "$1/lib/modules" && echo *)"'
    )
}

make_root() {
    truncate -s ${root_mib}M "$work/root"
    mke2fs -q -F -t ext4 -L root -E root_owner=0:0 -d "$tree" "$work/root"
}

# Partitions begin at whole mebibytes, as everybody's do.
make_small_disk() {
    local boot_start=2048 root_start=$(((1 + boot_mib) * 2048))
    truncate -s $(((1 + boot_mib) * 1024 * 1024)) "$work/disk"
    mformat -i "$work/disk@@1M" -T $((boot_mib * 2048)) -h 16 -s 32 -H $boot_start -v BOOT ::
    mcopy -i "$work/disk@@1M" "$work/vmlinuz" "$work/initrd.img" "$work/syslinux.cfg" ::
    syslinux --install --offset $((boot_start * 512)) "$work/disk"

    truncate -s $(((1 + boot_mib + root_mib) * 1024 * 1024)) "$work/disk"
    dd if="$work/root" of="$work/disk" bs=1M seek=$((1 + boot_mib)) conv=notrunc,sparse status=none

    sfdisk --quiet "$work/disk" <<END
label: dos
start=$boot_start, size=$((boot_mib * 2048)), type=6, bootable
start=$root_start, type=83
END
    dd if=/usr/lib/syslinux/mbr/mbr.bin of="$work/disk" bs=440 count=1 conv=notrunc status=none
}

# The last mebibyte is the table's copy.
make_full_disk() {
    truncate -s $(((2 + root_mib) * 1024 * 1024)) "$work/disk"
    sfdisk --quiet "$work/disk" <<END
label: gpt
start=2048, size=$((root_mib * 2048)), type=linux, name=root
END
    dd if="$work/root" of="$work/disk" bs=1M seek=1 conv=notrunc,sparse status=none
}

write_inputs
make_tree
make_root
"make_${kind}_disk"
mv "$work/disk" "$image"
