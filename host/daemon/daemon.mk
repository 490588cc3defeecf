# SPDX-License-Identifier: Apache-2.0
#
# enc-mnistd: the service, for devices. doc/SERVICE.md is its manual.

DAEMON		= $(OUT)/device/enc-mnistd

$(DAEMON): $(OUT)/device/obj/host/daemon/main.o \
	   $(call libraries,device,host/daemon $(LIB_DEVICE_PARTS))
	$(call say,LD,$@)
	$(call link,device) -lcrypto -lyajl -lm -lpthread -lteec

.PHONY: daemon
daemon: $(DAEMON) ## Build: enc-mnistd, the service for several clients

UNIT_DIR	?= $(PREFIX)/lib/systemd/system
SYSUSERS_DIR	?= $(PREFIX)/lib/sysusers.d

.PHONY: install-daemon
install-daemon: daemon ## Build: install enc-mnistd, with its units and user for systemd
	$(Q)install -D -m 755 $(if $(STRIP),-s --strip-program=$(STRIP)) \
		$(DAEMON) $(DESTDIR)$(PREFIX)/bin/enc-mnistd
	$(Q)install -d $(DESTDIR)$(UNIT_DIR)
	$(Q)install -m 644 systemd/enc-mnistd.socket $(DESTDIR)$(UNIT_DIR)
	$(Q)sed 's,@PREFIX@,$(PREFIX),' systemd/enc-mnistd.service.in \
		>$(DESTDIR)$(UNIT_DIR)/enc-mnistd.service
	$(Q)install -D -m 644 systemd/enc-mnistd.sysusers \
		$(DESTDIR)$(SYSUSERS_DIR)/enc-mnistd.conf
	$(Q)install -D -m 644 host/daemon/enc-mnistd.8 \
		$(SHARE_DIR)/man/man8/enc-mnistd.8
